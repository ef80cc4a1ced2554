namespace VnaCloud.Archive;

/// <summary>What upkeep does and when.</summary>
public sealed record UpkeepOptions
{
    /// <summary>A study that was not touched for this long is looked at; 10 minutes.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Packs below this many bytes are put together; 64 MB.</summary>
    public long SmallBytes { get; init; } = 64_000_000;

    /// <summary>Bytes of instances up to which packs are put together; 256 MB.</summary>
    public long TargetBytes { get; init; } = 256_000_000;

    /// <summary>Instances of one compacted pack, at most; 2,000, so that a swap is a commit's size.</summary>
    public int TargetInstances { get; init; } = CommitLanes.MaxRows;

    /// <summary>Metadata of one compacted pack that is held in memory, in bytes; 32 MiB.</summary>
    public long TargetMetadataBytes { get; init; } = 32 << 20;

    /// <summary>A pack with a larger part of dead bytes is rewritten; 0.3.</summary>
    public double MaxDead { get; init; } = 0.3;

    /// <summary>A deleted instance can be restored for this long; 7 days.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The bytes of a deleted instance are gone after this long, however few they are; 29 days, for 30 with what follows.</summary>
    public TimeSpan Erasure { get; init; } = TimeSpan.FromDays(29);

    /// <summary>Retired packs stay for this long, for readers that hold their locators; 24 h.</summary>
    public TimeSpan KeepRetired { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Packs that nothing refers to are looked into at this age; 24 h, four times a commit's fence.</summary>
    public TimeSpan OrphanAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Part of the packs that one run may delete; 0.01.</summary>
    public double MaxDeletedShare { get; init; } = 0.01;

    /// <summary>Packs that one run may delete however few there are; 10.</summary>
    public int MinDeleted { get; init; } = 10;

    /// <summary>Everything is read again within this time; 90 days.</summary>
    public TimeSpan ScrubCycle { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Packs that one run of the scrub reads at most; 1,000.</summary>
    public int ScrubPacks { get; init; } = 1_000;

    /// <summary>Bytes a second that upkeep reads at most, so that readers do not feel it; 50 MB. 0 for no limit.</summary>
    public long BytesPerSecond { get; init; } = 50_000_000;
}

/// <summary>What a run did and found.</summary>
public sealed class UpkeepReport
{
    /// <summary>Findings that are kept; more are only counted.</summary>
    public const int MaxListed = 1_000;

    private readonly List<Finding> _findings = [];

    /// <summary>Why nothing was done; null when the job ran.</summary>
    public string? Off { get; internal set; }

    /// <summary>Packs looked at: read, compared or merged.</summary>
    public long Packs { get; internal set; }

    /// <summary>Bytes of those that were read or rewritten.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Packs written.</summary>
    public long Written { get; internal set; }

    /// <summary>Objects deleted.</summary>
    public long Deleted { get; internal set; }

    /// <summary>Packs that nothing refers to.</summary>
    public long Unreferenced { get; internal set; }

    /// <summary>Instances that the index lacked and has again, or has in another place.</summary>
    public long Adopted { get; internal set; }

    /// <summary>Decisions of the journal that the index lacked.</summary>
    public long Replayed { get; internal set; }

    /// <summary>Packs that the mirror gave back.</summary>
    public long Repaired { get; internal set; }

    /// <summary>Alarms in all.</summary>
    public long FindingCount { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Counts an object that was brought back.</summary>
    public void CountRepair() => Repaired++;

    /// <summary>Adds an alarm about an object.</summary>
    public void Alarm(FindingKind kind, string key, string text) => Add(kind, key, text);

    internal void Add(Finding finding)
    {
        FindingCount++;
        UpkeepMeter.Found(finding.Kind);
        if (_findings.Count < MaxListed)
        {
            _findings.Add(finding);
        }
    }

    internal void Add(FindingKind kind, string key, string text) => Add(new Finding(kind, key, "", text));
}

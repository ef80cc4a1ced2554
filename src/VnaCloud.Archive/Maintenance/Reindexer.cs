namespace VnaCloud.Archive;

/// <summary>Puts members that the journal says are deleted where a restore finds them.</summary>
public delegate Task AdoptDeleted(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation);

/// <summary>
/// Rebuilds an empty index from packs and journal: members less what was decided against, deduplicated by origin. Packs are read one at
/// a time in the order of their ULIDs, the journal is in memory.
/// </summary>
/// <param name="store">The objects.</param>
/// <param name="target">An empty index with the archive's identity.</param>
/// <param name="adoptDeleted">As the provider of <paramref name="target"/> does it.</param>
/// <param name="tenantKey">The tenant's part of object keys.</param>
public sealed class Reindexer(IObjectStore store, IArchiveIndex target, AdoptDeleted adoptDeleted, string tenantKey)
{
    private readonly List<PackCommit> _batch = [];
    private readonly Dictionary<InstanceKey, InstanceEntry> _inBatch = [];
    private int _rows;

    /// <summary>Reads every pack. <paramref name="progress"/> is called with the number of packs done after each.</summary>
    public async Task<ReindexReport> RunAsync(JournalState journal, Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(progress);
        var report = new ReindexReport();
        await foreach (var key in store.ListAsync(PackFormat.PackPrefix(tenantKey), cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var contents = await PackReader.ReadAsync(store, key, TenantId.Default, cancellation);
                await AddAsync(contents.Commit, journal, report, cancellation);
            }
            catch (Exception damage) when (damage is InvalidDataException or TruncatedObjectException or ObjectMissingException)
            {
                report.Damage(key, damage.Message);
            }
            progress(++report.Packs);
        }
        await FlushAsync(report, cancellation);
        return report;
    }

    private async Task AddAsync(PackCommit pack, JournalState journal, ReindexReport report, CancellationToken cancellation)
    {
        var live = new List<PackMember>();
        var deleted = new List<(int, Decision)>();
        for (var i = 0; i < pack.Members.Count; i++)
        {
            var member = pack.Members[i];
            switch (journal.Of(member.Entry.Origin))
            {
                case { Kind: DecisionKind.Void }:
                    report.Void++;
                    break;
                case { Kind: DecisionKind.Delete } decision:
                    deleted.Add((i, decision));
                    break;
                default:
                    if (await IsDecidableAsync(pack, member.Entry, report, cancellation))
                    {
                        live.Add(member);
                    }
                    break;
            }
        }
        if (deleted.Count > 0)
        {
            await adoptDeleted(pack, deleted, cancellation);
            report.Deleted += deleted.Count;
        }
        if (live.Count == 0)
        {
            return;
        }
        _batch.Add(pack with { Members = live });
        _rows += live.Count;
        if (_rows >= CommitLane.MaxRows)
        {
            await FlushAsync(report, cancellation);
        }
    }

    // Two arrivals with these UIDs, no decision about either, and different content: which one was acknowledged is not to be told from
    // packs, and a decision written down now would hide the other for ever. The later origin stays out of this index only.
    private async ValueTask<bool> IsDecidableAsync(PackCommit pack, InstanceEntry entry, ReindexReport report, CancellationToken cancellation)
    {
        var known = _inBatch.GetValueOrDefault(entry.Key)
            ?? (await target.LocateAsync(pack.Tenant, entry.Key.StudyUid, entry.Key.SeriesUid, entry.Key.SopUid, cancellation))?.Instances[0];
        if (known is null)
        {
            _inBatch.Add(entry.Key, entry);
            return true;
        }
        if (known.Origin == entry.Origin)
        {
            return false; // one arrival, copied by a compaction
        }
        if (known.ContentDigest == entry.ContentDigest)
        {
            report.Repeated++;
            return true; // the index journals it as a duplicate of the first
        }
        report.Conflict(entry.Key, known.Origin, entry.Origin);
        return false;
    }

    private async Task FlushAsync(ReindexReport report, CancellationToken cancellation)
    {
        if (_batch.Count == 0)
        {
            return;
        }
        var results = await target.CommitAsync(_batch, cancellation);
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Refused is { } refused)
            {
                report.Damage(_batch[i].PackKey, refused);
            }
            report.Live += results[i].Outcomes.Count(outcome => outcome == MemberOutcome.Stored);
        }
        _batch.Clear();
        _inBatch.Clear();
        _rows = 0;
    }
}

/// <summary>What a rebuild found.</summary>
public sealed class ReindexReport
{
    /// <summary>Findings of a kind that are kept; more are only counted.</summary>
    public const int MaxListed = 10_000;

    private readonly List<(string Key, string Reason)> _damaged = [];
    private readonly List<(InstanceKey Key, Origin Kept, Origin LeftOut)> _undecidable = [];

    /// <summary>Packs read.</summary>
    public long Packs { get; internal set; }

    /// <summary>Instances that are visible again.</summary>
    public long Live { get; internal set; }

    /// <summary>Members that are deleted.</summary>
    public long Deleted { get; internal set; }

    /// <summary>Members that never became visible.</summary>
    public long Void { get; internal set; }

    /// <summary>Members that repeat another with equal content and were not journalled yet.</summary>
    public long Repeated { get; internal set; }

    /// <summary>Packs that could not be read.</summary>
    public long DamagedCount { get; private set; }

    /// <summary>Pairs that packs and journal cannot decide.</summary>
    public long UndecidableCount { get; private set; }

    /// <summary>The first of the packs that could not be read.</summary>
    public IReadOnlyList<(string Key, string Reason)> Damaged => _damaged;

    /// <summary>The first of the pairs that cannot be decided: the later origin was left out.</summary>
    public IReadOnlyList<(InstanceKey Key, Origin Kept, Origin LeftOut)> Undecidable => _undecidable;

    internal void Damage(string key, string reason)
    {
        DamagedCount++;
        if (_damaged.Count < MaxListed)
        {
            _damaged.Add((key, reason));
        }
    }

    internal void Conflict(InstanceKey key, Origin kept, Origin leftOut)
    {
        UndecidableCount++;
        if (_undecidable.Count < MaxListed)
        {
            _undecidable.Add((key, kept, leftOut));
        }
    }
}

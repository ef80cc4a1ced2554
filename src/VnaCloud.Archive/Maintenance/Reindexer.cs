namespace VnaCloud.Archive;

/// <summary>Puts members that the journal says are deleted where a restore finds them.</summary>
public delegate Task AdoptDeleted(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation);

/// <summary>
/// Rebuilds an index from packs and journal: members less what was decided against, deduplicated by origin. Packs are taken in the order of
/// their ULIDs, read several at once and committed many at once; the journal is in memory. What the index has already stays as it is, so a
/// rebuild that was stopped goes on.
/// </summary>
/// <param name="store">The objects.</param>
/// <param name="target">An index with the archive's identity, empty or begun by an earlier run.</param>
/// <param name="adoptDeleted">As the provider of <paramref name="target"/> does it.</param>
/// <param name="tenantKey">The tenant's part of object keys.</param>
public sealed class Reindexer(IObjectStore store, IArchiveIndex target, AdoptDeleted adoptDeleted, string tenantKey)
{
    private readonly List<PackCommit> _batch = [];
    private int _rows;

    /// <summary>Reads every pack. <paramref name="progress"/> is called with the number of packs done after each.</summary>
    public async Task<ReindexReport> RunAsync(JournalState journal, Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(progress);
        var report = new ReindexReport();
        var packs = ReadAhead.RunAsync(store.ListAsync(PackFormat.PackPrefix(tenantKey), cancellation),
            (key, token) => PackReader.ReadAsync(store, key, TenantId.Default, token), cancellation);
        await foreach (var (key, reading) in packs)
        {
            cancellation.ThrowIfCancellationRequested();
            PackContents? contents = null;
            try
            {
                contents = await reading;
            }
            catch (Exception damage) when (damage is InvalidDataException or TruncatedObjectException or ObjectMissingException)
            {
                report.Damage(key, damage.Message);
            }
            if (contents is not null)
            {
                await AddAsync(contents.Commit, journal, report, cancellation);
            }
            progress(++report.Packs);
        }
        await FlushAsync(report, cancellation);
        report.Live = (await target.StateAsync(cancellation)).Instances;
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
                    live.Add(member);
                    break;
            }
        }
        report.Members += pack.Members.Count;
        if (deleted.Count > 0)
        {
            await adoptDeleted(pack, deleted, cancellation);
            report.Deleted += deleted.Count;
        }
        if (live.Count == 0)
        {
            return;
        }
        if (_rows + live.Count > CommitLanes.MaxRows)
        {
            await FlushAsync(report, cancellation);
        }
        _batch.Add(pack with { Members = live, Adopting = true, LeavesConflicts = true });
        _rows += live.Count;
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
            for (var member = 0; member < results[i].Outcomes.Count; member++)
            {
                await CountAsync(report, _batch[i].Members[member].Entry, results[i].Outcomes[member], cancellation);
            }
        }
        _batch.Clear();
        _rows = 0;
    }

    private async ValueTask CountAsync(ReindexReport report, InstanceEntry entry, MemberOutcome outcome, CancellationToken cancellation)
    {
        if (outcome == MemberOutcome.Duplicate)
        {
            report.Repeated++; // the index journals it as a duplicate of the first
        }
        else if (outcome == MemberOutcome.Conflict)
        {
            var key = entry.Key;
            var kept = await target.LocateAsync(TenantId.Default, key.StudyUid, key.SeriesUid, key.SopUid, cancellation);
            report.Conflict(key, kept?.Instances[0].Origin ?? default, entry.Origin);
        }
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

    /// <summary>Members of those packs.</summary>
    public long Members { get; internal set; }

    /// <summary>Instances that are visible in the end.</summary>
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

    /// <summary>The first of the pairs that cannot be decided: the one in the later pack was left out.</summary>
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

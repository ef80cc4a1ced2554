using System.Runtime.CompilerServices;

namespace VnaCloud.Archive;

/// <summary>
/// Brings an index that is older than the store up to it, whether it was restored from a backup, took over from another copy of it, or is
/// new: replays the journal's decisions, takes in the packs that it lacks, and follows instances that were compacted into other packs since.
/// </summary>
/// <remarks>
/// Servers may go on beside it. A pack that one of them is about to commit may be taken in first: the commit then finds its own arrivals and
/// is answered with success. Nothing is deleted.
/// </remarks>
/// <param name="archive">The archive.</param>
/// <param name="adoptDeleted">As the provider of the index does it.</param>
public sealed class Adopter(UpkeepArchive archive, AdoptDeleted adoptDeleted)
{
    /// <summary>Decisions in one transaction.</summary>
    private const int Batch = CommitLanes.MaxRows;

    /// <summary>Keys that are asked for at once.</summary>
    private const int Page = 100;

    // Servers commit side by side: when the one with the later decision was done, the one with the earlier may have been under way still,
    // and an index that was copied then has the later alone. No transaction takes so long.
    private static readonly TimeSpan CommitsCross = TimeSpan.FromMinutes(1);

    private readonly UpkeepReport _report = new();

    // Packs with members that may stand in for others whose packs are gone.
    private readonly HashSet<string> _equal = new(StringComparer.Ordinal);

    /// <summary>One run; where it is stopped the next begins anew and finds less to do.</summary>
    /// <param name="progress">Called with the number of packs compared.</param>
    /// <param name="cancellation">Stops between packs.</param>
    public async Task<UpkeepReport> RunAsync(Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        // What this index decided and had not written down yet goes first: it has smaller ids than what the journal has of later times.
        await archive.Journal.FlushAsync(TenantId.Default, cancellation);
        var unknown = new UnknownPacks(archive, IndexTrust.Older, _report);
        await ReplayAsync(await unknown.JournalAsync(cancellation), cancellation);
        var epoch = (await archive.Upkeep.UpkeepAsync(0, cancellation)).Epoch;
        var (missing, retired) = (new List<IndexedPack>(), new List<IndexedPack>());
        var packs = ReadAhead.RunAsync(UnknownAsync(unknown, missing, retired, progress, cancellation), unknown.ReadAsync, cancellation);
        await foreach (var (key, reading) in packs)
        {
            await AdoptAsync(unknown, key, reading, cancellation);
        }
        await BringBackAsync(unknown, missing, retired, cancellation);
        foreach (var pack in missing)
        {
            // The listing may be of a moment before the pack was stored, or swapped away.
            if (await archive.Store.LengthAsync(pack.Key, cancellation) is null
                && await archive.Upkeep.PacksAsync(new PackSelection.ByKeys(pack.Tenant, [pack.Key]), cancellation) is [{ NotBefore: null } row])
            {
                await RetireAsync(row, cancellation);
            }
        }
        await archive.Journal.FlushAsync(TenantId.Default, cancellation);
        await archive.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(epoch), cancellation);
        await new ArchivePosition(archive).CheckpointAsync(cancellation);
        return _report;
    }

    private async Task ReplayAsync(JournalState journal, CancellationToken cancellation)
    {
        var state = await archive.Upkeep.UpkeepAsync(0, cancellation);
        var last = state.Missed?.After ?? state.LastDecision;
        if (state.Missed is null)
        {
            // New and unclean from the beginning: else an index that got its last decision back would pass for complete while its packs are missing.
            await archive.Upkeep.ApplyAsync(new UpkeepChange.EpochBegun(last), cancellation);
        }
        var lacking = await LackingAsync(journal, last, state.Missed?.Before, cancellation);
        var own = await OwnAsync(lacking, journal, state, cancellation);
        foreach (var batch in lacking.Concat(own).OrderBy(static decision => decision.Id).Chunk(Batch))
        {
            await archive.Upkeep.ApplyAsync(new UpkeepChange.Replayed(TenantId.Default, batch), cancellation);
        }
        _report.Replayed = lacking.Count(decision => decision.Id > last);
        if (state.Missed is null)
        {
            // After the decisions, so that a run that was stopped among them begins with those that are left. Sequence numbers of the time that
            // was lost were given out once: readers of the feed start anew. A takeover has begun its epoch by itself.
            await archive.Upkeep.ApplyAsync(new UpkeepChange.EpochBegun(journal.LastId), cancellation);
        }
    }

    // Of these the index may have some: the state after the last of an arrival's decisions is the same. Behind a takeover it has made decisions of
    // its own, which are later than those that it lacks: of each arrival the last decision counts, and only where that is not its own.
    private async Task<IReadOnlyList<Decision>> LackingAsync(JournalState journal, Ulid last, DateTimeOffset? takenOver, CancellationToken cancellation)
    {
        var from = last == default ? last : Ulid.FirstOf(last.Time - CommitsCross);
        var lacking = await JournalReader.ReadAfterAsync(archive.Store, archive.TenantKey, from, cancellation);
        return takenOver is { } before
            ? [.. lacking.Where(decision => decision.Id.Time < before && journal.Of(decision.Origin)?.Id == decision.Id)]
            : [.. lacking.Where(decision => decision.Kind != DecisionKind.Void || journal.Of(decision.Origin)?.Id == decision.Id)];
    }

    // What was decided about other arrivals than this index has, and means its own. Written before anything is replayed, so that a run that is
    // stopped finds the same again.
    private async Task<IReadOnlyList<Decision>> OwnAsync(IReadOnlyList<Decision> lacking, JournalState journal, UpkeepState state, CancellationToken cancellation)
    {
        var own = new List<Decision>();
        foreach (var study in lacking.Where(static decision => decision.Kind != DecisionKind.Restore).GroupBy(static decision => decision.Key.StudyUid))
        {
            foreach (var decisions in study.Chunk(Batch))
            {
                var known = (await archive.Upkeep.ArrivalsAsync(TenantId.Default, study.Key, [.. decisions.Select(static decision => decision.Key).Distinct()], cancellation))
                    .ToLookup(static arrival => arrival.Entry.Key);
                own.AddRange(decisions.Select(decision => Own(decision, [.. known[decision.Key]], journal, state)).OfType<Decision>());
            }
        }
        await archive.Journal.AddAsync(own, cancellation);
        return own;
    }

    private static Decision? Own(Decision decision, List<IndexedArrival> known, JournalState journal, UpkeepState state)
    {
        if (known.Find(static arrival => arrival.DeletedAt is null)?.Entry.Origin is not { } live)
        {
            return null;
        }
        if (decision.Kind == DecisionKind.Void)
        {
            // By an index that served an equal arrival instead, which this one voids in turn where it finds it: the journal would say of both that
            // they do not count, and the next reindex would bring back neither.
            return decision.Origin == live ? decision.TakenBack() : null;
        }
        // The client meant the instance. That another arrival of it had been stored this index would know, were it from before its own;
        // behind a takeover it may have been sent again since.
        var isOfIts = state.Missed is null && decision.Id > state.LastDecision
            && !known.Exists(arrival => arrival.Entry.Origin == decision.Origin) && !(journal.Of(live)?.Id > decision.Id);
        return isOfIts ? decision with { Id = decision.Id.After(), Origin = live } : null;
    }

    // An index that was made anew since may have referred to the packs that this one has retired, and to other arrivals of the same content, and
    // collected what this one refers to. The very arrivals go before equal ones.
    private async Task BringBackAsync(UnknownPacks unknown, List<IndexedPack> missing, List<IndexedPack> retired, CancellationToken cancellation)
    {
        var studies = missing.Select(static pack => (pack.Tenant, pack.StudyUid)).ToHashSet();
        var candidates = retired.Where(pack => studies.Contains((pack.Tenant, pack.StudyUid))).Select(static pack => pack.Key).ToHashSet();
        foreach (var key in candidates)
        {
            await unknown.MoveAsync(key, cancellation);
        }
        foreach (var (tenant, study) in studies)
        {
            candidates.UnionWith((await archive.Upkeep.ArrivalsAsync(tenant, study, [], cancellation)).Select(static arrival => arrival.Entry.Data.PackKey));
        }
        candidates.ExceptWith(missing.Select(static pack => pack.Key));
        foreach (var key in candidates.Union(_equal).Order(StringComparer.Ordinal))
        {
            if (await unknown.ExamineAsync(key, cancellation) is { } examined)
            {
                await unknown.ReplaceAsync(examined, cancellation);
                if (_equal.Contains(key))
                {
                    await unknown.TakeAsync(examined, cancellation);
                }
            }
        }
    }

    // Keys of stored packs that the index neither refers to nor has retired; the packs that it has and the store has not go to the first list,
    // stored ones that it has retired to the second.
    private async IAsyncEnumerable<string> UnknownAsync(UnknownPacks unknown, List<IndexedPack> missing, List<IndexedPack> retired,
        Action<long> progress, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var page = new List<string>(Page);
        await foreach (var pack in PackComparison.CompareAsync(archive, cancellation))
        {
            progress(++_report.Packs);
            if (pack is { Indexed: { } row, IsStored: false })
            {
                missing.Add(row);
            }
            else if (pack.Indexed is null && PackFormat.TryReadPack(pack.Key, out _))
            {
                page.Add(pack.Key);
            }
            if (page.Count == Page)
            {
                foreach (var key in await unknown.UnknownAsync(page, cancellation, retired))
                {
                    yield return key;
                }
                page.Clear();
            }
        }
        foreach (var key in await unknown.UnknownAsync(page, cancellation, retired))
        {
            yield return key;
        }
    }

    private async Task AdoptAsync(UnknownPacks unknown, string key, Task<PackContents> reading, CancellationToken cancellation)
    {
        if (await unknown.ExamineAsync(key, reading, cancellation) is not { } examined)
        {
            return;
        }
        _report.Unreferenced++;
        if (examined.Equal.Count > 0)
        {
            _equal.Add(key);
        }
        await unknown.TakeAsync(examined, cancellation);
        if (examined.Deleted.Count > 0)
        {
            await adoptDeleted(examined.Pack.Commit, examined.Deleted, cancellation);
        }
    }

    // A pack that was compacted away after the backup: what was not copied was deleted for good.
    private async Task RetireAsync(IndexedPack pack, CancellationToken cancellation)
    {
        var left = (await archive.Upkeep.ArrivalsAsync(pack.Tenant, pack.StudyUid, [], cancellation)).Where(arrival => arrival.Entry.Data.PackKey == pack.Key).ToList();
        var retired = left.TrueForAll(arrival => arrival.DeletedAt is not null) && await archive.Upkeep.ApplyAsync(new UpkeepChange.PackSwap
        {
            Tenant = pack.Tenant,
            StudyUid = pack.StudyUid,
            From = [pack.Key],
            Forgotten = left,
            Retired = [pack.Key],
            Keep = TimeSpan.Zero,
        }, cancellation);
        if (!retired)
        {
            await new DamageMarker(archive, _report).MissingAsync(pack, cancellation);
        }
    }
}

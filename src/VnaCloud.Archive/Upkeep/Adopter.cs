namespace VnaCloud.Archive;

/// <summary>
/// Brings an index that is older than the store up to it, whether it was restored from a backup or is new: replays the journal's decisions,
/// takes in the packs that it lacks, and follows instances that were compacted into other packs since.
/// </summary>
/// <param name="archive">The archive; nobody else may write to its index meanwhile.</param>
/// <param name="adoptDeleted">As the provider of the index does it.</param>
public sealed class Adopter(UpkeepArchive archive, AdoptDeleted adoptDeleted)
{
    /// <summary>Decisions in one transaction.</summary>
    private const int Batch = CommitLane.MaxRows;

    private readonly UpkeepReport _report = new();

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
        var missing = new List<IndexedPack>();
        await foreach (var pack in PackComparison.CompareAsync(archive, cancellation))
        {
            progress(++_report.Packs);
            if (pack is { Indexed: { } row, IsStored: false })
            {
                missing.Add(row);
            }
            else if (pack.Indexed is null && PackFormat.TryReadPack(pack.Key, out _))
            {
                await AdoptAsync(unknown, pack.Key, cancellation);
            }
        }
        foreach (var pack in missing)
        {
            await RetireAsync(pack, cancellation);
        }
        await archive.Journal.FlushAsync(TenantId.Default, cancellation);
        await archive.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(), cancellation);
        await new ArchivePosition(archive).CheckpointAsync(cancellation);
        return _report;
    }

    private async Task ReplayAsync(JournalState journal, CancellationToken cancellation)
    {
        var lacking = await JournalReader.ReadAfterAsync(archive.Store, archive.TenantKey, (await archive.Upkeep.UpkeepAsync(0, cancellation)).LastDecision, cancellation);
        foreach (var batch in lacking.Chunk(Batch))
        {
            await archive.Upkeep.ApplyAsync(new UpkeepChange.Replayed(TenantId.Default, batch), cancellation);
        }
        _report.Replayed = lacking.Count;
        // After the decisions, so that a run that was stopped among them begins with those that are left. Sequence numbers of the time that was
        // lost were given out once: readers of the feed start anew.
        await archive.Upkeep.ApplyAsync(new UpkeepChange.EpochBegun(journal.LastId), cancellation);
    }

    private async Task AdoptAsync(UnknownPacks unknown, string key, CancellationToken cancellation)
    {
        if ((await unknown.UnknownAsync([key], cancellation)).Count == 0 || await unknown.ExamineAsync(key, cancellation) is not { } examined)
        {
            return;
        }
        _report.Unreferenced++;
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

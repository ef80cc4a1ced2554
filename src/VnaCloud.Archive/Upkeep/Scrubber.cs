namespace VnaCloud.Archive;

/// <summary>
/// Reads every referenced pack again within a cycle, the one that was read longest ago first, and holds it against its digests. What does not
/// agree is asked from the mirror, else it is an alarm and is not served any more; its neighbours are.
/// </summary>
public sealed class Scrubber(UpkeepArchive archive)
{
    private readonly UpkeepReport _report = new();
    private readonly PacedStore _store = archive.Paced();

    /// <summary>One run.</summary>
    /// <param name="all">Every pack, also those that are not due.</param>
    /// <param name="progress">Called with the number of packs read.</param>
    /// <param name="cancellation">Stops between packs.</param>
    public async Task<UpkeepReport> RunAsync(ScrubScope all, Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var now = (await archive.Upkeep.UpkeepAsync(0, cancellation)).Now;
        var due = all == ScrubScope.All ? now : now - archive.Options.ScrubCycle;
        var damage = new DamageMarker(archive, _report);
        while (all == ScrubScope.All || _report.Packs < archive.Options.ScrubPacks)
        {
            if (await archive.Upkeep.PacksAsync(new PackSelection.Unscrubbed(due, 1), cancellation) is not [var pack])
            {
                break;
            }
            await ScrubAsync(pack, damage, cancellation);
            progress(++_report.Packs);
        }
        return _report;
    }

    private async Task ScrubAsync(IndexedPack pack, DamageMarker damage, CancellationToken cancellation)
    {
        var length = await archive.Store.LengthAsync(pack.Key, cancellation);
        if (length is null)
        {
            // A swap may have retired it and the collector deleted it since it was chosen.
            if (await archive.Upkeep.PacksAsync(new PackSelection.ByKeys(pack.Tenant, [pack.Key]), cancellation) is [{ NotBefore: null }])
            {
                await damage.MissingAsync(pack, cancellation);
            }
            return;
        }
        var (parts, findings) = await CheckAsync(pack, cancellation);
        if (findings.Count > 0 && await damage.RepairAsync(pack.Key, cancellation))
        {
            (parts, findings) = await CheckAsync(pack, cancellation);
        }
        foreach (var finding in findings)
        {
            _report.Add(finding);
        }
        _report.Bytes += length.Value;
        UpkeepMeter.BytesScrubbed.Add(length.Value);
        await damage.MarkAsync(pack, parts, cancellation);
    }

    // A store that does not answer says nothing about its bytes: no mark is made of a read that failed. Where only this pack cannot be read, who
    // asks for it hears that from the store itself.
    private async Task<(List<QuarantinedPart> Parts, IReadOnlyList<Finding> Findings)> CheckAsync(IndexedPack pack, CancellationToken cancellation)
    {
        try
        {
            return await CompareAsync(pack, cancellation);
        }
        catch (IOException failure)
        {
            await ArchiveIdentity.ReadAsync(archive.Store, cancellation);
            return ([], [new Finding(FindingKind.Pack, pack.Key, "", $"The pack cannot be read: {failure.Message}")]);
        }
    }

    private async Task<(List<QuarantinedPart> Parts, IReadOnlyList<Finding> Findings)> CompareAsync(IndexedPack pack, CancellationToken cancellation)
    {
        _store.Failure = null;
        var found = new VerifyReport();
        var contents = await new PackVerifier(_store, found, 1).CheckAsync(pack.Key, cancellation);
        if (found.FindingCount == 0)
        {
            return ([], []);
        }
        var parts = new List<QuarantinedPart>();
        var instances = new VerifyReport();
        var verifier = new InstanceVerifier(_store, instances);
        // By the index's rows, which say what would be served: the manifest itself may be what is damaged.
        foreach (var (entry, _) in await archive.Upkeep.ArrivalsAsync(pack.Tenant, pack.StudyUid, [], cancellation))
        {
            if (entry.Data.PackKey == pack.Key && await IsBadAsync(instances, () => verifier.CheckBytesAsync(entry, "", contents?.InlineLimit, cancellation)))
            {
                parts.Add(new QuarantinedPart(entry.Key, entry.Origin, StoredPart.Data, "The stored bytes are not what was stored."));
            }
            if (entry.Metadata.PackKey == pack.Key && await IsBadAsync(instances, () => verifier.CheckMetadataAsync(entry, "", cancellation)))
            {
                parts.Add(new QuarantinedPart(entry.Key, entry.Origin, StoredPart.Metadata, "The stored metadata is not what was stored."));
            }
        }
        // The verifier takes a failed read for damage.
        return _store.Failure is { } failure ? throw failure : (parts, found.Findings);
    }

    private static async Task<bool> IsBadAsync(VerifyReport report, Func<Task> check)
    {
        var before = report.FindingCount;
        await check();
        return report.FindingCount > before;
    }
}

/// <summary>What a scrub reads.</summary>
public enum ScrubScope
{
    /// <summary>Packs that were not read within the cycle, up to a run's limit.</summary>
    Due,

    /// <summary>Every pack.</summary>
    All,
}

namespace VnaCloud.Archive;

/// <summary>What becomes of a pack that is damaged or missing: the mirror's copy where there is one, else an alarm and marks that keep its bytes from being served.</summary>
internal sealed class DamageMarker(UpkeepArchive archive, UpkeepReport report)
{
    /// <summary>The store lacks a pack that the index refers to.</summary>
    public async Task MissingAsync(IndexedPack pack, CancellationToken cancellation)
    {
        if (await RepairAsync(pack.Key, cancellation) && await archive.Store.LengthAsync(pack.Key, cancellation) == pack.Length)
        {
            return;
        }
        report.Add(FindingKind.Missing, pack.Key, "The index refers to this pack, the store does not have it.");
        await MarkAsync(pack, await AllAsync(pack, "The object is missing in the store.", cancellation), cancellation);
    }

    /// <summary>Asks the mirror.</summary>
    public async Task<bool> RepairAsync(string key, CancellationToken cancellation)
    {
        if (archive.Repair is not { } repair || !await repair(key, cancellation))
        {
            return false;
        }
        report.Repaired++;
        return true;
    }

    /// <summary>Replaces the marks of a pack.</summary>
    public Task<bool> MarkAsync(IndexedPack pack, IReadOnlyList<QuarantinedPart> parts, CancellationToken cancellation) =>
        archive.Upkeep.ApplyAsync(new UpkeepChange.Scrubbed(pack.Tenant, pack.Key, parts), cancellation);

    /// <summary>Every part that a pack holds, by the index's rows.</summary>
    public async Task<List<QuarantinedPart>> AllAsync(IndexedPack pack, string reason, CancellationToken cancellation)
    {
        var parts = new List<QuarantinedPart>();
        foreach (var (entry, _) in await archive.Upkeep.ArrivalsAsync(pack.Tenant, pack.StudyUid, [], cancellation))
        {
            if (entry.Data.PackKey == pack.Key)
            {
                parts.Add(new QuarantinedPart(entry.Key, entry.Origin, StoredPart.Data, reason));
            }
            if (entry.Metadata.PackKey == pack.Key)
            {
                parts.Add(new QuarantinedPart(entry.Key, entry.Origin, StoredPart.Metadata, reason));
            }
        }
        return parts;
    }
}

namespace VnaCloud.Archive;

/// <summary>
/// Compares the store's packs with the index's, both ways. A pack that the index refers to and the store lacks is an alarm: it is asked from
/// the mirror, or its instances are marked. A pack that only the store has is counted; the collector looks into it when it is old enough.
/// </summary>
public sealed class Reconciler(UpkeepArchive archive)
{
    private readonly UpkeepReport _report = new();

    /// <summary>One run.</summary>
    /// <param name="progress">Called with the number of packs compared.</param>
    /// <param name="cancellation">Stops between packs.</param>
    public async Task<UpkeepReport> RunAsync(Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (await new ArchivePosition(archive).WhyOffAsync(cancellation) is { } off)
        {
            // The comparison is still worth seeing: it says how much is lacking.
            _report.Off = off;
        }
        var unknown = new UnknownPacks(archive, IndexTrust.Complete, _report);
        var damage = new DamageMarker(archive, _report);
        await foreach (var pack in PackComparison.CompareAsync(archive, cancellation))
        {
            progress(++_report.Packs);
            if (pack.Indexed is null)
            {
                _report.Unreferenced += (await unknown.UnknownAsync([pack.Key], cancellation)).Count;
            }
            // The listing may be of a moment before the pack was swapped in or away.
            else if (!pack.IsStored && await archive.Store.LengthAsync(pack.Key, cancellation) is null
                && await archive.Upkeep.PacksAsync(new PackSelection.ByKeys(pack.Indexed.Tenant, [pack.Key]), cancellation) is [{ NotBefore: null } row])
            {
                await damage.MissingAsync(row, cancellation);
            }
        }
        return _report;
    }
}

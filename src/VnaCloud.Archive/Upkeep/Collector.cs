namespace VnaCloud.Archive;

/// <summary>
/// Deletes what nobody needs: retired packs after their time, and packs that nothing ever referred to, once everything in them is accounted
/// for. What the index lacks it takes in instead; what contradicts it stays, with an alarm.
/// </summary>
public sealed class Collector(UpkeepArchive archive)
{
    /// <summary>Keys that are asked for at once.</summary>
    private const int Page = 500;

    private readonly UpkeepReport _report = new();
    private long _budget;

    /// <summary>One run.</summary>
    /// <param name="progress">Called with the number of objects listed.</param>
    /// <param name="cancellation">Stops between objects.</param>
    public async Task<UpkeepReport> RunAsync(Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (await new ArchivePosition(archive).WhyOffAsync(cancellation) is { } off)
        {
            _report.Off = off;
            return _report;
        }
        var (packs, state) = ((await archive.Index.StateAsync(cancellation)).Packs, await archive.Upkeep.UpkeepAsync(0, cancellation));
        _budget = Math.Max(archive.Options.MinDeleted, (long)(archive.Options.MaxDeletedShare * (packs + state.Retired.Count)));
        await CollectRetiredAsync(cancellation);
        await CollectUnreferencedAsync(state.Now - archive.Options.OrphanAge, progress, cancellation);
        return _report;
    }

    private async Task CollectRetiredAsync(CancellationToken cancellation)
    {
        while (_budget > 0 && await archive.Upkeep.PacksAsync(new PackSelection.Retired((int)Math.Min(_budget, Page)), cancellation) is { Count: > 0 } retired)
        {
            foreach (var pack in retired)
            {
                await DeleteAsync(pack.Key, cancellation);
                await archive.OnStep(UpkeepStep.Deleted, pack.Key);
            }
            foreach (var tenant in retired.GroupBy(pack => pack.Tenant))
            {
                await archive.Upkeep.ApplyAsync(new UpkeepChange.Collected(tenant.Key, [.. tenant.Select(pack => pack.Key)]), cancellation);
            }
        }
    }

    // Keys begin with their hour: the listing is in the order of time, and ends where packs are too young.
    private async Task CollectUnreferencedAsync(DateTimeOffset before, Action<long> progress, CancellationToken cancellation)
    {
        var unknown = new UnknownPacks(archive, IndexTrust.Complete, _report);
        var page = new List<string>(Page);
        await foreach (var key in archive.Store.ListAsync(archive.PackPrefix, cancellation))
        {
            if (!PackFormat.TryReadPack(key, out var pack))
            {
                continue; // not ours to judge
            }
            if (pack.Time > before)
            {
                break;
            }
            page.Add(key);
            progress(++_report.Packs);
            if (page.Count == Page)
            {
                await CollectPageAsync(unknown, page, cancellation);
                page.Clear();
            }
        }
        await CollectPageAsync(unknown, page, cancellation);
    }

    private async Task CollectPageAsync(UnknownPacks unknown, List<string> keys, CancellationToken cancellation)
    {
        foreach (var key in await unknown.UnknownAsync(keys, cancellation))
        {
            _report.Unreferenced++;
            UpkeepMeter.Orphans.Add(1);
            if (await unknown.ExamineAsync(key, cancellation) is not { } examined)
            {
                continue;
            }
            await unknown.TakeAsync(examined, cancellation);
            // Asked once more: another server, or `vna adopt`, may have taken the pack in since the page was.
            if (examined is { Lacking.Count: 0, Moved.Count: 0, Equal.Count: 0, Conflicts.Count: 0 } && _budget > 0
                && (await unknown.UnknownAsync([key], cancellation)).Count > 0)
            {
                await DeleteAsync(key, cancellation);
            }
        }
    }

    private async Task DeleteAsync(string key, CancellationToken cancellation)
    {
        await archive.Store.DeleteAsync(key, cancellation);
        _budget--;
        _report.Deleted++;
        UpkeepMeter.PacksDeleted.Add(1);
    }
}

namespace VnaCloud.Archive;

/// <summary>Deletes derived objects of fortnights before the last.</summary>
public sealed class DerivedCollector(UpkeepArchive archive)
{
    /// <summary>One run; it ends where keys are young, which are listed last.</summary>
    public async Task<UpkeepReport> RunAsync(CancellationToken cancellation)
    {
        var report = new UpkeepReport();
        var last = DerivedObjects.PeriodAt(archive.Time.GetUtcNow()) - 1;
        await foreach (var key in archive.Store.ListAsync(DerivedObjects.Prefix(archive.TenantKey), cancellation))
        {
            if (DerivedObjects.PeriodOf(key, archive.TenantKey) is not { } period)
            {
                continue; // not ours to judge
            }
            if (period >= last)
            {
                break;
            }
            await archive.Store.DeleteAsync(key, cancellation);
            report.Deleted++;
        }
        return report;
    }
}

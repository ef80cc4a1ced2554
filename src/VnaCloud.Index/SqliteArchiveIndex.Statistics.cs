using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index;

public sealed partial class SqliteArchiveIndex
{
    /// <inheritdoc/>
    public Task<ArchiveStatistics> StatisticsAsync(TenantId tenant, DateOnly since, CancellationToken cancellation) =>
        // A million rows are a second of a thread that requests wait for.
        Task.Run(() => ReadWithinAsync(StatisticsLimits.Time, session => SqliteStatistics.Read(session, tenant, since), cancellation), cancellation);
}

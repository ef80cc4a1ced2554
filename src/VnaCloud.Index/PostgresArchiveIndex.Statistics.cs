using VnaCloud.Archive;
using VnaCloud.Index.Postgres;

namespace VnaCloud.Index;

public sealed partial class PostgresArchiveIndex
{
    /// <inheritdoc/>
    public Task<ArchiveStatistics> StatisticsAsync(TenantId tenant, DateOnly since, CancellationToken cancellation) =>
        ReadAsync(() => PostgresStatistics.ReadAsync(_database, tenant, since, cancellation), cancellation);
}

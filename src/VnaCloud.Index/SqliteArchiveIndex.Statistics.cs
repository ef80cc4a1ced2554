using Microsoft.Data.Sqlite;
using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index;

public sealed partial class SqliteArchiveIndex
{
    /// <inheritdoc/>
    public Task<ArchiveStatistics> StatisticsAsync(TenantId tenant, DateOnly since, CancellationToken cancellation) =>
        // A million rows are a second of a thread that requests wait for.
        Task.Run(() => _readers.ReadAsync(session =>
        {
            session.Watch(StatisticsLimits.Time, cancellation);
            try
            {
                return SqliteStatistics.Read(session, tenant, since);
            }
            catch (SqliteException error) when (SqliteErrors.IsInterrupted(error))
            {
                cancellation.ThrowIfCancellationRequested();
                throw new SearchTooSlowException(StatisticsLimits.Time, error);
            }
            finally
            {
                session.Unwatch();
            }
        }, cancellation), cancellation);
}

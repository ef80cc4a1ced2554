using VnaCloud.Archive;
using VnaCloud.Index.Statistics;

namespace VnaCloud.Index.Sqlite;

/// <summary>One pass over the studies. SQL cannot tell the day of a ULID here, and rows are in this process already.</summary>
internal static class SqliteStatistics
{
    public static ArchiveStatistics Read(SqliteSession session, TenantId tenant, DateOnly since)
    {
        var builder = new StatisticsBuilder(since);
        var row = session.Prepare("SELECT first_origin, modalities, series_count, instance_count, bytes FROM study WHERE tenant_id = ?").Bind(tenant.Value);
        try
        {
            var modalities = "";
            while (row.Step())
            {
                var sums = new StudySums(1, row.Int64(2), row.Int64(3), row.Int64(4));
                builder.AddDay(StatisticsBuilder.DayOf(row.Bytes(0)), sums);
                modalities = row.Text(1, modalities);
                builder.AddModalities(modalities, sums);
            }
        }
        finally
        {
            row.Reset();
        }
        return builder.Build();
    }
}

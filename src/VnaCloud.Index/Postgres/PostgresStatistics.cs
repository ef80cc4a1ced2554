using System.Globalization;
using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Statistics;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>One scan of the studies, in which the database sums by day and by combination of modalities; workers may help it, as it is seldom.</summary>
internal static class PostgresStatistics
{
    private const string Settings = "SELECT set_config('statement_timeout', $1, true), set_config('jit', 'off', true)";

    // The first six bytes of an origin are its ULID's milliseconds. Earlier days are one.
    private const string Sums = """
        SELECT day, modalities, count(*), sum(series_count)::bigint, sum(instance_count)::bigint, sum(bytes)::bigint
        FROM (SELECT greatest(('x' || encode(substring(first_origin FROM 1 FOR 6), 'hex'))::bit(48)::bigint / 86400000, $2)::int AS day,
            modalities, series_count, instance_count, bytes FROM study WHERE tenant_id = $1) AS study
        GROUP BY GROUPING SETS ((day), (modalities)) ORDER BY 3 DESC LIMIT $3
        """;

    public static async Task<ArchiveStatistics> ReadAsync(PostgresDatabase database, TenantId tenant, DateOnly since, CancellationToken cancellation)
    {
        var builder = new StatisticsBuilder(since);
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("BEGIN READ ONLY");
        batch.Add(Settings, Value(((long)StatisticsLimits.Time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)));
        batch.Add(Sums, Value(tenant.Value), Value(builder.FirstDay - 1L), Value(StatisticsLimits.Combinations));
        batch.Add("COMMIT");
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            await RowLoader.EachAsync(reader, static _ => { }, cancellation);
            await RowLoader.EachAsync(reader, row =>
            {
                var sums = new StudySums(row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5));
                if (row.IsDBNull(0))
                {
                    builder.AddModalities(row.GetString(1), sums);
                }
                else
                {
                    builder.AddDay(row.GetInt32(0), sums);
                }
            }, cancellation);
            return builder.Build();
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.QueryCanceled && !cancellation.IsCancellationRequested)
        {
            throw new SearchTooSlowException(StatisticsLimits.Time, error);
        }
    }
}

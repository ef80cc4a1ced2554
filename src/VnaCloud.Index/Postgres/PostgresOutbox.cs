using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Decisions on their way into the journal.</summary>
internal static class PostgresOutbox
{
    public static async Task<IReadOnlyList<Decision>> ReadAsync(
        PostgresDatabase database, TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        if (written.Count > 0)
        {
            batch.Add("DELETE FROM outbox WHERE tenant_id = $1 AND decision = ANY ($2)", Value(tenant.Value), Column(written, IngestTransaction.Bytes));
        }
        batch.Add("""
            SELECT decision, kind, study_uid, series_uid, sop_uid, origin, at, reason FROM outbox WHERE tenant_id = $1 ORDER BY decision LIMIT $2
            """, Value(tenant.Value), Value(limit));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var decisions = new List<Decision>();
        await RowLoader.EachAsync(reader, row => decisions.Add(new Decision(Ulid.Read(RowLoader.Bytes(row, 0)), (DecisionKind)row.GetInt32(1),
            new InstanceKey(row.GetString(2), row.GetString(3), row.GetString(4)), Origin.Read(RowLoader.Bytes(row, 5)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)), row.GetString(7))), cancellation);
        return decisions;
    }
}

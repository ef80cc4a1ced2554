using Npgsql;
using VnaCloud.Archive;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Numbers the change feed. A transaction may commit long after one that began later, so commits leave their rows without a number; only
/// rows of transactions older than every one that is still under way get theirs, in the order of the transactions. A reader that has seen
/// number n will then never miss a smaller one.
/// </summary>
internal static class ChangeNumbering
{
    private const string LockHead = "SELECT last_seq FROM change_head WHERE tenant_id = $1 FOR UPDATE";

    // Behind a takeover nothing gets a number of the old epoch: the other copy may have given it to something else.
    // Transaction ids that this server has not given out yet are of an earlier life of the database (dump and restore): long finished.
    private const string Number = $"""
        WITH due AS (
            SELECT study_uid, version, ordinal, row_number() OVER (ORDER BY epoch, xid, ordinal) AS n FROM (
                SELECT study_uid, version, ordinal, epoch, xid FROM change WHERE tenant_id = $1 AND seq IS NULL
                    AND (SELECT NOT {Takeover.IsNewTimeline} FROM takeover) AND (xid < pg_snapshot_xmin(pg_current_snapshot()) OR xid >= pg_snapshot_xmax(pg_current_snapshot()))
                ORDER BY epoch, xid, ordinal LIMIT $2) AS next),
        numbered AS (
            UPDATE change c SET seq = h.last_seq + due.n FROM due, change_head h
            WHERE h.tenant_id = $1 AND c.tenant_id = $1 AND c.study_uid = due.study_uid AND c.version = due.version AND c.ordinal = due.ordinal
            RETURNING 1)
        UPDATE change_head SET last_seq = last_seq + (SELECT count(*) FROM numbered) WHERE tenant_id = $1
            RETURNING (SELECT count(*)::int FROM numbered)
        """;

    public static async Task<int> RunAsync(PostgresDatabase database, TenantId tenant, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("BEGIN ISOLATION LEVEL READ COMMITTED");
        batch.Add(LockHead, Value(tenant.Value));
        batch.Add(Number, Value(tenant.Value), Value(limit));
        batch.Add("COMMIT");
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var numbered = 0;
        await RowLoader.EachAsync(reader, static _ => { }, cancellation);
        await RowLoader.EachAsync(reader, row => numbered = row.GetInt32(0), cancellation);
        return numbered;
    }
}

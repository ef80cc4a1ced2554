using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>The last round trip of a transaction: every write as one statement for each table, and COMMIT behind them.</summary>
internal static class RowWriter
{
    private const string Packs = "INSERT INTO pack SELECT k.*, $7 FROM unnest($1, $2, $3, $4, $5, $6) AS k";

    private const string ToDeleted = $"""
        INSERT INTO deleted_instance ({InstanceTable.Names}, deleted_at, decision)
            SELECT i.*, k.at, k.d FROM unnest($1, $2, $3, $4, $5, $6) AS k (t, s, r, i, at, d) CROSS JOIN LATERAL (
                SELECT {InstanceTable.Names} FROM instance i
                WHERE i.tenant_id = k.t AND i.study_uid = k.s AND i.series_uid = k.r AND i.sop_uid = k.i OFFSET 0) i
        """;

    private const string DeleteLive = """
        DELETE FROM instance i USING unnest($1, $2, $3, $4) AS k (t, s, r, i)
        WHERE i.tenant_id = k.t AND i.study_uid = k.s AND i.series_uid = k.r AND i.sop_uid = k.i
        """;

    private const string ToLive = $"""
        INSERT INTO instance ({InstanceTable.Names})
            SELECT d.* FROM unnest($1, $2, $3, $4, $5) AS k (t, s, r, i, o) CROSS JOIN LATERAL (
                SELECT {InstanceTable.Names} FROM deleted_instance d
                WHERE d.tenant_id = k.t AND d.study_uid = k.s AND d.series_uid = k.r AND d.sop_uid = k.i AND d.origin = k.o OFFSET 0) d
        """;

    private const string DeleteDeleted = """
        DELETE FROM deleted_instance d USING unnest($1, $2, $3, $4, $5) AS k (t, s, r, i, o)
        WHERE d.tenant_id = k.t AND d.study_uid = k.s AND d.series_uid = k.r AND d.sop_uid = k.i AND d.origin = k.o
        """;

    private const string NewBatches = "INSERT INTO ingest_batch SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

    private const string Changes = """
        INSERT INTO change (tenant_id, study_uid, version, ordinal, epoch, kind, series_uid, sop_uid, at)
            SELECT t, s, $1, n, $2, kind, r, i, at FROM unnest($3, $4, $5, $6, $7, $8) WITH ORDINALITY AS k (t, s, kind, r, i, at, n)
        """;

    private const string Outbox = """
        INSERT INTO outbox (tenant_id, study_uid, decision, kind, series_uid, sop_uid, origin, at, reason)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    // Totals are summed when they are read; by its process a connection keeps to one slot, so that two seldom wait for each other.
    private const string Totals = """
        INSERT INTO tenant_count AS c SELECT t, pg_backend_pid() % 64, s, r, i, p FROM unnest($1, $2, $3, $4, $5) AS k (t, s, r, i, p)
        ON CONFLICT (tenant_id, slot) DO UPDATE SET studies = c.studies + excluded.studies, series = c.series + excluded.series,
            instances = c.instances + excluded.instances, packs = c.packs + excluded.packs
        """;

    public static async Task CommitAsync(NpgsqlConnection connection, LoadedRows rows, bool mirror)
    {
        await using var batch = new NpgsqlBatch(connection);
        var writes = rows.Writes;
        AddIngest(batch, rows);
        AddMoves(batch, writes);
        StudyWriter.Add(batch, writes, rows.EmptyStudies);
        if (writes.Totals.Exists(static item => item.Totals != default))
        {
            batch.Add(Totals, Column(writes.Totals, static item => item.Tenant), Column(writes.Totals, static item => item.Totals.Studies),
                Column(writes.Totals, static item => item.Totals.Series), Column(writes.Totals, static item => item.Totals.Instances),
                Column(writes.Totals, static item => item.Totals.Packs));
        }
        UpkeepWriter.Add(batch, rows, mirror);
        batch.Add("COMMIT");
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static void AddIngest(NpgsqlBatch batch, LoadedRows rows)
    {
        var writes = rows.Writes;
        if (writes.Packs.Count > 0)
        {
            batch.Add(Packs, Column(writes.Packs, static row => row.Tenant), Column(writes.Packs, static row => row.Study),
                Column(writes.Packs, static row => row.Id), Column(writes.Packs, static row => IngestTransaction.Bytes(row.Ulid)),
                Column(writes.Packs, static row => row.Key), Column(writes.Packs, static row => row.Length),
                Value(rows.Now.ToUnixTimeMilliseconds()));
        }
        InstanceArrays.AddLive(batch, writes.Instances);
        InstanceArrays.AddDeleted(batch, writes.Deleted, writes.DeletedAt);
        if (writes.Batches.Count > 0)
        {
            AddBatches(batch, writes);
        }
        if (writes.Changes.Count > 0)
        {
            batch.Add(Changes, Value(rows.ContentVersion), Value(rows.Epoch),
                Column(writes.Changes, static row => row.Tenant), Column(writes.Changes, static row => row.Key.StudyUid),
                Column(writes.Changes, static row => (int)row.Kind), Column(writes.Changes, static row => row.Key.SeriesUid),
                Column(writes.Changes, static row => row.Key.SopUid), Column(writes.Changes, static row => row.At));
        }
        if (writes.Decisions.Count > 0)
        {
            AddDecisions(batch, writes.Decisions);
        }
    }

    private static void AddBatches(NpgsqlBatch batch, PendingWrites writes) => batch.Add(NewBatches,
        Column(writes.Batches, static row => row.Pack.Tenant.Value), Column(writes.Batches, static row => row.Pack.StudyUid),
        Column(writes.Batches, static row => IngestTransaction.Bytes(row.Pack.Source.Batch)),
        Column(writes.Batches, static row => IngestTransaction.Bytes(row.Pack.Pack)),
        Column(writes.Batches, static row => Text.Clean(row.Pack.Source.Actor)), Column(writes.Batches, static row => Text.Clean(row.Pack.Source.Address)),
        Column(writes.Batches, static row => Text.Clean(row.Pack.Source.RequestId)),
        Column(writes.Batches, static row => row.Pack.Source.ReceivedAt.ToUnixTimeMilliseconds()),
        Column(writes.Batches, static row => row.At), Column(writes.Batches, static row => row.Stored),
        Column(writes.Batches, static row => row.Duplicates), Column(writes.Batches, static row => row.Conflicts));

    private static void AddDecisions(NpgsqlBatch batch, List<(int Tenant, Decision Decision)> rows) => batch.Add(Outbox,
        Column(rows, static row => row.Tenant), Column(rows, static row => row.Decision.Key.StudyUid),
        Column(rows, static row => IngestTransaction.Bytes(row.Decision.Id)), Column(rows, static row => (int)row.Decision.Kind),
        Column(rows, static row => row.Decision.Key.SeriesUid), Column(rows, static row => row.Decision.Key.SopUid),
        Column(rows, static row => row.Decision.Origin.ToBytes()), Column(rows, static row => row.Decision.At.ToUnixTimeMilliseconds()),
        Column(rows, static row => row.Decision.Reason));

    private static void AddMoves(NpgsqlBatch batch, PendingWrites writes)
    {
        if (writes.ToDeleted is { Count: > 0 } gone)
        {
            batch.Add(ToDeleted, Column(gone, static row => row.Tenant), Column(gone, static row => row.Key.StudyUid),
                Column(gone, static row => row.Key.SeriesUid), Column(gone, static row => row.Key.SopUid), Column(gone, static row => row.At),
                Column(gone, static row => IngestTransaction.Bytes(row.Decision)));
            batch.Add(DeleteLive, Column(gone, static row => row.Tenant), Column(gone, static row => row.Key.StudyUid),
                Column(gone, static row => row.Key.SeriesUid), Column(gone, static row => row.Key.SopUid));
        }
        if (writes.ToLive is { Count: > 0 } back)
        {
            foreach (var sql in (ReadOnlySpan<string>)[ToLive, DeleteDeleted])
            {
                batch.Add(sql, Column(back, static row => row.Tenant), Column(back, static row => row.Key.StudyUid),
                    Column(back, static row => row.Key.SeriesUid), Column(back, static row => row.Key.SopUid),
                    Column(back, static row => row.Origin.ToBytes()));
            }
        }
    }
}

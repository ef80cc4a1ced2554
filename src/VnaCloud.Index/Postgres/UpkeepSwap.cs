using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;
using VnaCloud.Index.Upkeep;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Moves arrivals from old packs to a new one (<see cref="UpkeepChange.PackSwap"/>), with the study's row locked. Run again after a lost
/// answer it finds nothing to move and is refused, which is as harmless as any refusal.
/// </summary>
internal static class UpkeepSwap
{
    private const string Old = "SELECT object_key, pack_id FROM pack WHERE tenant_id = $1 AND study_uid = $2 AND object_key = ANY ($3)";

    private const string Move = """
        SET data_pack = $3, data_offset = k.d, metadata_pack = $3, metadata_offset = k.m, segments = k.g, table_offset = k.f
        FROM unnest($5, $6, $7, $8, $9, $10, $11) AS k (r, i, o, d, m, g, f)
        WHERE x.tenant_id = $1 AND x.study_uid = $2 AND x.series_uid = k.r AND x.sop_uid = k.i AND x.origin = k.o AND x.data_pack = ANY ($4)
        """;

    private const string Forget = """
        DELETE FROM deleted_instance x USING unnest($3, $4, $5) AS k (r, i, o)
        WHERE x.tenant_id = $1 AND x.study_uid = $2 AND x.series_uid = k.r AND x.sop_uid = k.i AND x.origin = k.o
        """;

    private const string IsReferenced = """
        SELECT EXISTS (SELECT 1 FROM instance WHERE tenant_id = $1 AND study_uid = $2 AND (data_pack = ANY ($3) OR metadata_pack = ANY ($3)))
            OR EXISTS (SELECT 1 FROM deleted_instance WHERE tenant_id = $1 AND study_uid = $2 AND (data_pack = ANY ($3) OR metadata_pack = ANY ($3)))
        """;

    private const string Retire = """
        INSERT INTO retired_pack (tenant_id, study_uid, object_key, length, not_before)
            SELECT tenant_id, study_uid, object_key, length, $4 FROM pack WHERE tenant_id = $1 AND study_uid = $2 AND pack_id = ANY ($3)
        """;

    /// <exception cref="StaleChangeException">Refused.</exception>
    public static async Task RunAsync(NpgsqlConnection connection, IngestTransaction transaction, LoadedRows rows, UpkeepChange.PackSwap swap, TimeSpan fence)
    {
        transaction.Require(swap.Tenant);
        if (swap.Into is { Adopting: false } young && young.Pack.Time < transaction.Now - fence)
        {
            throw new StaleChangeException();
        }
        var old = await FindOldAsync(connection, swap);
        var from = swap.From.Select(key => old.TryGetValue(key, out var id) ? id : throw new StaleChangeException()).ToArray();
        var retired = swap.Retired.Select(key => old.TryGetValue(key, out var id) ? id : throw new StaleChangeException()).Distinct().ToArray();
        await using var batch = new NpgsqlBatch(connection);
        var (moved, forgotten) = (new List<NpgsqlBatchCommand>(), new List<NpgsqlBatchCommand>());
        if (swap.Into is { } into)
        {
            var pack = transaction.PackId(swap.Tenant, swap.StudyUid, into.PackKey, into.Pack, into.PackLength);
            batch.Add("DELETE FROM retired_pack WHERE tenant_id = $1 AND study_uid = $2 AND object_key = $3", Value(swap.Tenant.Value), Value(swap.StudyUid), Value(into.PackKey));
            moved.Add(AddMove(batch, "instance", swap, into, pack, from));
            moved.Add(AddMove(batch, "deleted_instance", swap, into, pack, from));
        }
        if (swap.Forgotten.Count > 0)
        {
            forgotten.Add(AddForget(batch, swap));
        }
        AddRetire(batch, swap, retired, transaction.Now + swap.Keep);
        batch.Add("UPDATE study SET moved = $3 WHERE tenant_id = $1 AND study_uid = $2", Value(swap.Tenant.Value), Value(swap.StudyUid), Value(rows.ContentVersion));
        batch.Add(IsReferenced, Value(swap.Tenant.Value), Value(swap.StudyUid), Value(retired));
        var isReferenced = await batch.ExecuteScalarAsync(CancellationToken.None) is true;
        if (isReferenced || Rows(moved) != (ulong)(swap.Into?.Members.Count ?? 0) || Rows(forgotten) != (ulong)swap.Forgotten.Count)
        {
            throw new StaleChangeException();
        }
        transaction.Count(swap.Tenant, new Totals(0, 0, 0, -retired.Length));
    }

    private static async Task<Dictionary<string, long>> FindOldAsync(NpgsqlConnection connection, UpkeepChange.PackSwap swap)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Old, Value(swap.Tenant.Value), Value(swap.StudyUid), Value(swap.From.Concat(swap.Retired).Distinct().ToArray()));
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        var old = new Dictionary<string, long>(StringComparer.Ordinal);
        await RowLoader.EachAsync(reader, row => old.Add(row.GetString(0), row.GetInt64(1)), CancellationToken.None);
        return old;
    }

    private static NpgsqlBatchCommand AddMove(NpgsqlBatch batch, string table, UpkeepChange.PackSwap swap, PackCommit into, long pack, long[] from)
    {
        batch.Add(table == "instance" ? $"UPDATE instance x {Move}" : $"UPDATE deleted_instance x {Move}",
            Value(swap.Tenant.Value), Value(swap.StudyUid), Value(pack), Value(from),
            Column(into.Members, static member => member.Entry.Key.SeriesUid), Column(into.Members, static member => member.Entry.Key.SopUid),
            Column(into.Members, static member => member.Entry.Origin.ToBytes()), Column(into.Members, static member => member.Entry.Data.Offset),
            Column(into.Members, static member => member.Entry.Metadata.Offset),
            Column(into.Members, static member => Segments.ToBytes(member.Entry.Metadata.Segments)),
            Column(into.Members, static member => member.Entry.Frames.TableOffset));
        return batch.BatchCommands[^1];
    }

    private static NpgsqlBatchCommand AddForget(NpgsqlBatch batch, UpkeepChange.PackSwap swap)
    {
        batch.Add(Forget, Value(swap.Tenant.Value), Value(swap.StudyUid), Column(swap.Forgotten, static arrival => arrival.Entry.Key.SeriesUid),
            Column(swap.Forgotten, static arrival => arrival.Entry.Key.SopUid), Column(swap.Forgotten, static arrival => arrival.Entry.Origin.ToBytes()));
        return batch.BatchCommands[^1];
    }

    private static void AddRetire(NpgsqlBatch batch, UpkeepChange.PackSwap swap, long[] retired, DateTimeOffset notBefore)
    {
        var (tenant, study) = (swap.Tenant.Value, swap.StudyUid);
        batch.Add(Retire, Value(tenant), Value(study), Value(retired), Value(notBefore.ToUnixTimeMilliseconds()));
        batch.Add("DELETE FROM pack WHERE tenant_id = $1 AND study_uid = $2 AND pack_id = ANY ($3)", Value(tenant), Value(study), Value(retired));
        batch.Add("DELETE FROM quarantine WHERE tenant_id = $1 AND study_uid = $2 AND object_key = ANY ($3)",
            Value(tenant), Value(study), Value(swap.Retired.ToArray()));
    }

    private static ulong Rows(List<NpgsqlBatchCommand> commands) => commands.Aggregate(0UL, static (sum, command) => sum + command.Rows);
}

using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Upkeep;

/// <summary>Makes decisions of the journal true in an index that does not know them.</summary>
internal static class Replay
{
    private const string Row = "tenant_id = ? AND study_uid = ? AND series_uid = ? AND sop_uid = ? AND origin = ?";

    public static void Run(IndexTransaction transaction, UpkeepChange.Replayed replayed)
    {
        transaction.Require(replayed.Tenant);
        foreach (var decision in replayed.Decisions)
        {
            Value[] row = [replayed.Tenant.Value, decision.Key.StudyUid, decision.Key.SeriesUid, decision.Key.SopUid, decision.Origin.ToBytes()];
            if (decision.Kind == DecisionKind.Delete && Arrival(transaction.Session, "instance", row) is { } live)
            {
                Delete(transaction, replayed.Tenant, decision, live, row);
            }
            else if (decision.Kind == DecisionKind.Restore && Arrival(transaction.Session, "deleted_instance", row) is { } deleted)
            {
                Restore(transaction, replayed.Tenant, decision, deleted, row);
            }
            transaction.RaiseDecisions(decision.Id);
        }
    }

    private static void Delete(IndexTransaction transaction, TenantId tenant, Decision decision, Arrival arrival, Value[] row)
    {
        transaction.Session.Prepare($"""
            INSERT INTO deleted_instance ({InstanceColumns.Names}, deleted_at, decision) SELECT {InstanceColumns.Names}, ?, ? FROM instance WHERE {Row}
            """).Bind([decision.At.ToUnixTimeMilliseconds(), IndexTransaction.Bytes(decision.Id), .. row]).Run();
        transaction.Session.Prepare($"DELETE FROM instance WHERE {Row}").Bind(row).Run();
        transaction.Study(tenant, decision.Key.StudyUid).Removed(arrival);
        transaction.Change(tenant, ChangeKind.Delete, decision.Key);
    }

    private static void Restore(IndexTransaction transaction, TenantId tenant, Decision decision, Arrival arrival, Value[] row)
    {
        if (transaction.Session.Prepare("SELECT 1 FROM instance WHERE tenant_id = ? AND study_uid = ? AND series_uid = ? AND sop_uid = ?").Bind(row.AsSpan(0, 4)).Any())
        {
            return;
        }
        transaction.Session.Prepare($"INSERT INTO instance ({InstanceColumns.Names}) SELECT {InstanceColumns.Names} FROM deleted_instance WHERE {Row}").Bind(row).Run();
        transaction.Session.Prepare($"DELETE FROM deleted_instance WHERE {Row}").Bind(row).Run();
        transaction.Study(tenant, decision.Key.StudyUid).Added(arrival, null);
        transaction.Change(tenant, ChangeKind.Restore, decision.Key);
    }

    private static Arrival? Arrival(SqliteSession session, string table, Value[] key)
    {
        var row = session.Prepare(table == "instance"
            ? $"SELECT series_uid, sop_uid, origin, set_id, data_length FROM instance WHERE {Row}"
            : $"SELECT series_uid, sop_uid, origin, set_id, data_length FROM deleted_instance WHERE {Row}").Bind(key);
        Arrival? arrival = row.Step() ? new Arrival(row.Text(0), row.Text(1), Origin.Read(row.Bytes(2)), row.Int64(3), row.Int64(4)) : null;
        row.Reset();
        return arrival;
    }
}

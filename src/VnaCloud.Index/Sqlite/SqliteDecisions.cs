using VnaCloud.Archive;
using VnaCloud.Index.Ingest;

namespace VnaCloud.Index.Sqlite;

/// <summary>What deletes and restores look up, and the outbox.</summary>
internal static class SqliteDecisions
{
    private const string Scope = "tenant_id = ? AND study_uid = ? AND (? = '' OR series_uid = ?) AND (? = '' OR sop_uid = ?)";

    private const string Columns = "SELECT series_uid, sop_uid, origin, set_id, data_length FROM";

    private const string LiveInScope = $"{Columns} instance WHERE {Scope}";

    // Of several deleted arrivals of one instance the one that was deleted last; none where the instance was stored again.
    private const string RestorableInScope = $"""
        {Columns} deleted_instance WHERE {Scope} AND deleted_at >= ? AND NOT EXISTS (
            SELECT 1 FROM instance live WHERE live.tenant_id = deleted_instance.tenant_id AND live.study_uid = deleted_instance.study_uid
                AND live.series_uid = deleted_instance.series_uid AND live.sop_uid = deleted_instance.sop_uid)
        ORDER BY series_uid, sop_uid, deleted_at DESC, decision DESC
        """;

    /// <summary>Gives the number of instances concerned.</summary>
    public static int Apply(IndexTransaction transaction, DecisionRequest request) => Decisions.Apply(transaction, request, request.Kind switch
    {
        DecisionKind.Delete => Select(transaction.Session, request, LiveInScope),
        DecisionKind.Restore => Select(transaction.Session, request, RestorableInScope, request.NotBefore.ToUnixTimeMilliseconds()),
        _ => throw new ArgumentException($"{request.Kind} is not a request.", nameof(request)),
    });

    /// <summary>Decisions that are not written yet, oldest first.</summary>
    public static List<Decision> Outbox(SqliteSession session, TenantId tenant, int limit)
    {
        var decisions = new List<Decision>();
        var row = session.Prepare("""
            SELECT decision, kind, study_uid, series_uid, sop_uid, origin, at, reason FROM outbox WHERE tenant_id = ? ORDER BY decision LIMIT ?
            """).Bind(tenant.Value, limit);
        while (row.Step())
        {
            decisions.Add(new Decision(Ulid.Read(row.Bytes(0)), (DecisionKind)row.Int32(1), new InstanceKey(row.Text(2), row.Text(3), row.Text(4)),
                Origin.Read(row.Bytes(5)), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(6)), row.Text(7)));
        }
        return decisions;
    }

    /// <summary>Their journal object is durable.</summary>
    public static void Written(SqliteSession session, TenantId tenant, IReadOnlyList<Ulid> written)
    {
        foreach (var id in written)
        {
            session.Prepare("DELETE FROM outbox WHERE tenant_id = ? AND decision = ?").Bind(tenant.Value, IndexTransaction.Bytes(id)).Run();
        }
    }

    private static List<Arrival> Select(SqliteSession session, DecisionRequest request, string sql, params ReadOnlySpan<Value> values)
    {
        var (series, sop) = (request.SeriesUid ?? "", request.SopUid ?? "");
        var row = session.Prepare(sql).Bind([request.Tenant.Value, request.StudyUid, series, series, sop, sop, .. values]);
        var arrivals = new List<Arrival>();
        while (row.Step())
        {
            arrivals.Add(new Arrival(row.Text(0), row.Text(1), Origin.Read(row.Bytes(2)), row.Int64(3), row.Int64(4)));
        }
        return arrivals;
    }
}

using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>What deletes and restores look up.</summary>
internal static class DecisionLoader
{
    private const string Columns = "SELECT i.series_uid, i.sop_uid, i.origin, i.set_id, i.data_length";

    private const string LiveOfStudy = $"{Columns} FROM instance i WHERE i.tenant_id = $1 AND i.study_uid = $2";

    // Of several deleted arrivals of one instance the one that was deleted last comes first; none where the instance was stored again.
    private const string RestorableInScope = $"""
        {Columns} FROM deleted_instance i WHERE i.tenant_id = $1 AND i.study_uid = $2 AND ($3 = '' OR i.series_uid = $3)
            AND ($4 = '' OR i.sop_uid = $4) AND i.deleted_at >= $5 AND NOT EXISTS (
            SELECT 1 FROM instance live WHERE live.tenant_id = i.tenant_id AND live.study_uid = i.study_uid
                AND live.series_uid = i.series_uid AND live.sop_uid = i.sop_uid)
        ORDER BY i.series_uid, i.sop_uid, i.deleted_at DESC, i.decision DESC
        """;

    private const string LiveOfStudies = """
        SELECT i.series_uid, i.sop_uid, i.origin, i.set_id, i.data_length, i.tenant_id, i.study_uid
        FROM unnest($1, $2) AS k (t, s) JOIN instance i ON i.tenant_id = k.t AND i.study_uid = k.s
        """;

    private const string DeletedOfDecisions = """
        SELECT i.series_uid, i.sop_uid, i.origin, i.set_id, i.data_length, i.tenant_id, i.study_uid
        FROM unnest($2, $3, $4, $5) AS k (s, r, i, o) JOIN deleted_instance i
            ON i.tenant_id = $1 AND i.study_uid = k.s AND i.series_uid = k.r AND i.sop_uid = k.i AND i.origin = k.o
        """;

    public static void Add(NpgsqlBatch batch, TransactionScope scope)
    {
        if (scope.Decision is { } request)
        {
            Add(batch, request);
            return;
        }
        batch.Add(LiveOfStudies, Column(scope.Studies, static study => study.Tenant), Column(scope.Studies, static study => study.Study));
        batch.Add(DeletedOfDecisions, Value(scope.Studies[0].Tenant), Column(scope.Replayed, static decision => decision.Key.StudyUid),
            Column(scope.Replayed, static decision => decision.Key.SeriesUid), Column(scope.Replayed, static decision => decision.Key.SopUid),
            Column(scope.Replayed, static decision => decision.Origin.ToBytes()));
    }

    public static async Task ReadAsync(NpgsqlDataReader reader, LoadedRows rows, TransactionScope scope, CancellationToken cancellation)
    {
        if (scope.Decision is { } request)
        {
            await ReadAsync(reader, rows, request, cancellation);
            return;
        }
        await RowLoader.EachAsync(reader, row =>
        {
            var arrival = Arrival(row);
            rows.Of(row.GetInt32(5), row.GetString(6)).Arrivals.Add((arrival.SeriesUid, arrival.SopUid), arrival);
        }, cancellation);
        await RowLoader.EachAsync(reader, row =>
        {
            var arrival = Arrival(row);
            rows.Replayable[(new InstanceKey(row.GetString(6), arrival.SeriesUid, arrival.SopUid), arrival.Origin)] = arrival;
        }, cancellation);
    }

    private static void Add(NpgsqlBatch batch, DecisionRequest request)
    {
        batch.Add(LiveOfStudy, Value(request.Tenant.Value), Value(request.StudyUid));
        if (request.Kind == DecisionKind.Restore)
        {
            batch.Add(RestorableInScope, Value(request.Tenant.Value), Value(request.StudyUid), Value(request.SeriesUid ?? ""),
                Value(request.SopUid ?? ""), Value(request.NotBefore.ToUnixTimeMilliseconds()));
        }
    }

    private static async Task ReadAsync(NpgsqlDataReader reader, LoadedRows rows, DecisionRequest request, CancellationToken cancellation)
    {
        var study = rows.Of(request.Tenant.Value, request.StudyUid);
        await RowLoader.EachAsync(reader, row =>
        {
            var arrival = Arrival(row);
            study.Arrivals.Add((arrival.SeriesUid, arrival.SopUid), arrival);
        }, cancellation);
        if (request.Kind == DecisionKind.Restore)
        {
            await RowLoader.EachAsync(reader, row => rows.Restorable.Add(Arrival(row)), cancellation);
        }
    }

    /// <summary>The arrivals in a request's scope.</summary>
    public static List<Arrival> InScope(LoadedRows rows, DecisionRequest request) => request.Kind switch
    {
        DecisionKind.Delete => [.. rows.Of(request.Tenant.Value, request.StudyUid).Arrivals.Values
            .Where(arrival => request.SeriesUid is not { Length: > 0 } series || arrival.SeriesUid == series)
            .Where(arrival => request.SopUid is not { Length: > 0 } sop || arrival.SopUid == sop)
            .OrderBy(static arrival => arrival.SeriesUid, StringComparer.Ordinal).ThenBy(static arrival => arrival.SopUid, StringComparer.Ordinal)],
        DecisionKind.Restore => rows.Restorable,
        _ => throw new ArgumentException($"{request.Kind} is not a request.", nameof(request)),
    };

    private static Arrival Arrival(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), Origin.Read(RowLoader.Bytes(row, 2)), row.GetInt64(3), row.GetInt64(4));
}

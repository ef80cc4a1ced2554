using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Finds the stored places of instances, in one round trip: the study's stamp comes first, the later of its content version and its last
/// compaction, and the instances behind it only where a view of that stamp is not kept already.
/// </summary>
internal sealed class PostgresLocator(PostgresDatabase database, PostgresIndexOptions options)
{
    // One statement has one snapshot: version and instances belong together.
    private static readonly string Select = $"""
        SELECT a.rebuilding, s.version, greatest(s.version, s.moved), x.* FROM archive a LEFT JOIN study s ON s.tenant_id = $1 AND s.study_uid = $2 LEFT JOIN LATERAL (
            SELECT (SELECT r.series_order FROM series r WHERE r.tenant_id = i.tenant_id AND r.study_uid = i.study_uid AND r.series_uid = i.series_uid),
                {InstanceRowReader.Columns} FROM instance i
            WHERE i.tenant_id = $1 AND i.study_uid = $2 AND greatest(s.version, s.moved) <> $3
        """;

    // OFFSET 0 keeps the part apart, so that nothing of it is done for a version that is kept.
    private const string End = "OFFSET 0) x ON true";

    private static readonly string OfStudy = $"{Select} {End}";
    private static readonly string OfSeries = $"{Select} AND i.series_uid = $4 {End}";
    private static readonly string OfSop = $"{Select} AND i.sop_uid = $4 {End}";
    private static readonly string OfInstance = $"{Select} AND i.series_uid = $4 AND i.sop_uid = $5 {End}";

    // About 15 MB of the instances that viewers ask for again and again.
    private readonly LocatorCache _views = new(maxInstances: 20_000);

    public async Task<StudyView?> FindAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation)
    {
        var kept = sopUid is null ? _views.StampOf(tenant, studyUid, seriesUid) : 0;
        var (stamp, view) = await AskAsync(tenant, studyUid, seriesUid, sopUid, kept, cancellation);
        if (stamp != 0 && stamp == kept)
        {
            // It may have fallen out meanwhile.
            view = _views.Find(tenant, studyUid, seriesUid, stamp)
                ?? (await AskAsync(tenant, studyUid, seriesUid, sopUid, 0, cancellation)).View;
        }
        else if (view is not null && sopUid is null)
        {
            _views.Keep(tenant, studyUid, seriesUid, stamp, view);
        }
        return view;
    }

    private async Task<(long Stamp, StudyView? View)> AskAsync(
        TenantId tenant, string studyUid, string? seriesUid, string? sopUid, long kept, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.PlanKeyByKey();
        batch.Add((seriesUid, sopUid) switch
        {
            (null, null) => OfStudy,
            (not null, null) => OfSeries,
            (null, not null) => OfSop,
            _ => OfInstance,
        },
        [
            Batches.Value(tenant.Value), Batches.Value(Text.Whole(studyUid)), Batches.Value(kept),
            .. new[] { seriesUid, sopUid }.OfType<string>().Select(static uid => Batches.Value(Text.Whole(uid))),
        ]);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        return await ReadAsync(reader, studyUid, cancellation);
    }

    private async Task<(long Stamp, StudyView? View)> ReadAsync(NpgsqlDataReader reader, string studyUid, CancellationToken cancellation)
    {
        const int order = 3;
        var rows = new InstanceRowReader(first: order + 1);
        var orders = new Dictionary<string, long>();
        var found = new List<(InstanceEntry Entry, long Order)>();
        var (version, stamp) = (0L, 0L);
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.GetBoolean(0) && !options.Rebuilding)
            {
                throw PostgresLocks.Rebuilding();
            }
            (version, stamp) = reader.IsDBNull(1) ? (0, 0) : (reader.GetInt64(1), reader.GetInt64(2));
            if (!reader.IsDBNull(order))
            {
                var item = rows.Read(reader, studyUid);
                found.Add(item);
                orders[item.Entry.Key.SeriesUid] = reader.GetInt64(order);
            }
        }
        found.Sort((a, b) => ViewOrder.Compare(a, b, uid => orders[uid]));
        return (stamp, found.Count == 0 ? null : new StudyView(version, found.ConvertAll(static item => item.Entry)));
    }
}

using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;
using VnaCloud.Index.Query;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Loads the rows that a page of keys names, one statement for each level, key by key.</summary>
internal sealed class PostgresResultLoader(SearchRequest request, List<ResultKey> page)
{
    private const string First = """
        CROSS JOIN LATERAL (SELECT (SELECT p.object_key FROM pack p
                WHERE p.tenant_id = i.tenant_id AND p.study_uid = i.study_uid AND p.pack_id = i.metadata_pack), i.metadata_offset, i.segments
            FROM instance i WHERE i.tenant_id = s.tenant_id AND i.study_uid = s.study_uid AND i.series_uid = s.{0} AND i.sop_uid = s.first_sop_uid OFFSET 0) f
        """;

    private static readonly string Studies = $"""
        SELECT s.study_uid, f.object_key, f.metadata_offset, f.segments, s.modalities, s.series_count, s.instance_count, s.bytes,
            {string.Join(", ", AttributeColumns.Study.Select(static column => $"s.{column.Column}"))}
        FROM unnest($2) AS k (uid) JOIN study s ON s.tenant_id = $1 AND s.study_uid = k.uid {First.Replace("{0}", "first_series_uid")}
        """;

    private static readonly string Series = $"""
        SELECT s.study_uid, s.series_uid, f.object_key, f.metadata_offset, f.segments, s.instance_count,
            (SELECT array_agg(q.scheduled_procedure_step_id ORDER BY q.item) FROM series_request q
                WHERE q.tenant_id = s.tenant_id AND q.study_uid = s.study_uid AND q.series_uid = s.series_uid),
            (SELECT array_agg(q.requested_procedure_id ORDER BY q.item) FROM series_request q
                WHERE q.tenant_id = s.tenant_id AND q.study_uid = s.study_uid AND q.series_uid = s.series_uid),
            {string.Join(", ", AttributeColumns.Series.Select(static column => $"s.{column.Column}"))}
        FROM unnest($2, $3) AS k (study, series) JOIN series s ON s.tenant_id = $1 AND s.study_uid = k.study AND s.series_uid = k.series
            {First.Replace("{0}", "series_uid")}
        """;

    private static readonly string Instances = $"""
        SELECT k.study, x.* FROM unnest($2, $3, $4) AS k (study, series, sop) CROSS JOIN LATERAL (
            SELECT {InstanceRowReader.Columns} FROM instance i
            WHERE i.tenant_id = $1 AND i.study_uid = k.study AND i.series_uid = k.series AND i.sop_uid = k.sop OFFSET 0) x
        """;

    private readonly string[] _studies = [.. page.Select(static key => key.StudyUid).Distinct()];
    private readonly List<(string Study, string Series)> _series = request.Level < QueryLevel.Series ? []
        : [.. page.Select(static key => (key.StudyUid, key.SeriesUid)).Distinct()];

    public void Add(NpgsqlBatch batch)
    {
        if (page.Count == 0)
        {
            return;
        }
        batch.Add(Studies, Value(request.Tenant.Value), Value(_studies));
        if (request.Level >= QueryLevel.Series)
        {
            batch.Add(Series, Value(request.Tenant.Value), Column(_series, static key => key.Study), Column(_series, static key => key.Series));
        }
        if (request.Level == QueryLevel.Instance)
        {
            batch.Add(Instances, Value(request.Tenant.Value), Column(page, static key => key.StudyUid), Column(page, static key => key.SeriesUid),
                Column(page, static key => key.SopUid));
        }
    }

    public async Task<List<SearchRow>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        if (page.Count == 0)
        {
            return [];
        }
        var studies = new Dictionary<string, StudyResult>();
        var series = new Dictionary<(string, string), SeriesResult>();
        var instances = new Dictionary<InstanceKey, InstanceEntry>();
        await RowLoader.EachAsync(reader, row => studies.Add(row.GetString(0), Study(row)), cancellation);
        if (request.Level >= QueryLevel.Series)
        {
            await RowLoader.EachAsync(reader, row => series.Add((row.GetString(0), row.GetString(1)), OneSeries(row)), cancellation);
        }
        if (request.Level == QueryLevel.Instance)
        {
            var rows = new InstanceRowReader(first: 1);
            await RowLoader.EachAsync(reader, row =>
            {
                var entry = rows.Read(row, row.GetString(0)).Entry;
                instances.Add(entry.Key, entry);
            }, cancellation);
        }
        return page.ConvertAll(key => new SearchRow(studies[key.StudyUid], series.GetValueOrDefault((key.StudyUid, key.SeriesUid)),
            instances.GetValueOrDefault(new InstanceKey(key.StudyUid, key.SeriesUid, key.SopUid))));
    }

    private static StudyResult Study(NpgsqlDataReader row)
    {
        var modalities = row.GetString(4);
        return new StudyResult(row.GetString(0), AttributeColumns.StudyOf(Values(AttributeColumns.Study, row, 8)),
            modalities.Length == 0 ? [] : modalities.Split('\\'), row.GetInt32(5), row.GetInt32(6), row.GetInt64(7), Metadata(row, 1));
    }

    private static SeriesResult OneSeries(NpgsqlDataReader row)
    {
        List<RequestAttributes> requests = row.IsDBNull(6) ? []
            : [.. row.GetFieldValue<string[]>(6).Zip(row.GetFieldValue<string[]>(7), static (step, procedure) => new RequestAttributes(step, procedure))];
        return new SeriesResult(row.GetString(1), AttributeColumns.SeriesOf(Values(AttributeColumns.Series, row, 8), requests), row.GetInt32(5),
            Metadata(row, 2));
    }

    private static MetadataLocator Metadata(NpgsqlDataReader row, int first) =>
        new(row.GetString(first), row.GetInt64(first + 1), Segments.Read(RowLoader.Bytes(row, first + 2)));

    private static Dictionary<string, string> Values<T>(IReadOnlyList<AttributeColumn<T>> columns, NpgsqlDataReader row, int first)
    {
        var values = new Dictionary<string, string>(columns.Count);
        for (var i = 0; i < columns.Count; i++)
        {
            values.Add(columns[i].Tag, row.GetString(first + i));
        }
        return values;
    }
}

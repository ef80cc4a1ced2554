using Npgsql;
using VnaCloud.Index.Ingest;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Writes of studies, series and attribute sets.</summary>
internal static class StudyWriter
{
    private const string NewSets = """
        INSERT INTO attribute_set SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
        """;

    private const string ChangedSets = """
        UPDATE attribute_set a SET live_count = k.c, min_origin = k.m FROM unnest($1, $2, $3, $4, $5, $6) AS k (t, s, r, id, c, m)
        WHERE a.tenant_id = k.t AND a.study_uid = k.s AND a.series_uid = k.r AND a.set_id = k.id
        """;

    private const string UpsertSeries = """
        INSERT INTO series SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (tenant_id, study_uid, series_uid) DO UPDATE SET modality = excluded.modality, series_number = excluded.series_number,
            series_order = excluded.series_order, series_description = excluded.series_description,
            body_part_examined = excluded.body_part_examined, institution_name = excluded.institution_name,
            station_name = excluded.station_name, performed_procedure_step_start_date = excluded.performed_procedure_step_start_date,
            performed_procedure_step_start_time = excluded.performed_procedure_step_start_time,
            instance_count = excluded.instance_count, first_origin = excluded.first_origin, first_sop_uid = excluded.first_sop_uid
        """;

    private const string ChangedSeries = """
        UPDATE series r SET instance_count = k.c, first_origin = k.o, first_sop_uid = k.i FROM unnest($1, $2, $3, $4, $5, $6) AS k (t, s, r, c, o, i)
        WHERE r.tenant_id = k.t AND r.study_uid = k.s AND r.series_uid = k.r
        """;

    private const string DeleteRequests = """
        DELETE FROM series_request q USING unnest($1, $2, $3) AS k (t, s, r) WHERE q.tenant_id = k.t AND q.study_uid = k.s AND q.series_uid = k.r
        """;

    private const string DeleteSeries = """
        DELETE FROM series q USING unnest($1, $2, $3) AS k (t, s, r) WHERE q.tenant_id = k.t AND q.study_uid = k.s AND q.series_uid = k.r
        """;

    private const string NewRequests = "INSERT INTO series_request SELECT * FROM unnest($1, $2, $3, $4, $5, $6)";

    private static readonly string UpdateStudies = $"""
        UPDATE study s SET {string.Join(", ", AttributeColumns.Study.Select(static column => $"{column.Column} = k.{column.Column}"))},
            modalities = k.modalities, series_count = k.series_count, instance_count = k.instance_count, bytes = k.bytes, version = k.version,
            first_origin = k.first_origin, first_series_uid = k.first_series_uid, first_sop_uid = k.first_sop_uid
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {string.Join(", ", AttributeColumns.Study.Select(static (_, i) => $"${i + 11}"))})
            AS k (tenant_id, study_uid, modalities, series_count, instance_count, bytes, version, first_origin, first_series_uid, first_sop_uid,
                {string.Join(", ", AttributeColumns.Study.Select(static column => column.Column))})
        WHERE s.tenant_id = k.tenant_id AND s.study_uid = k.study_uid
        """;

    private const string ChangedStudies = """
        UPDATE study s SET series_count = k.n, instance_count = k.i, bytes = k.b, version = k.v, first_origin = k.o, first_series_uid = k.r,
            first_sop_uid = k.f
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS k (t, s, n, i, b, v, o, r, f) WHERE s.tenant_id = k.t AND s.study_uid = k.s
        """;

    private const string DeleteStudies =
        "DELETE FROM study s USING unnest($1, $2) AS k (t, s) WHERE s.tenant_id = k.t AND s.study_uid = k.s";

    public static void Add(NpgsqlBatch batch, PendingWrites writes, IEnumerable<(int Tenant, string Study)> emptyStudies)
    {
        AddSets(batch, writes);
        AddSeries(batch, writes);
        if (writes.Studies.Count > 0)
        {
            AddStudies(batch, writes.Studies);
        }
        if (writes.ChangedStudies is { Count: > 0 } changed)
        {
            batch.Add(ChangedStudies, Column(changed, static study => study.Tenant.Value), Column(changed, static study => study.StudyUid),
                Column(changed, static study => (int)study.SeriesCount), Column(changed, static study => (int)study.Instances),
                Column(changed, static study => study.Bytes), Column(changed, static study => study.Version),
                Column(changed, static study => study.First.Origin.ToBytes()), Column(changed, static study => study.First.SeriesUid),
                Column(changed, static study => study.First.SopUid));
        }
        // Rows that were made only to be locked, and stayed without instances, go with the studies that lost theirs.
        var lost = writes.LostStudies.Concat(emptyStudies).Distinct()
            .Where(key => !writes.Studies.Exists(study => study.Tenant.Value == key.Tenant && study.StudyUid == key.Study)).ToList();
        if (lost.Count > 0)
        {
            batch.Add(DeleteStudies, Column(lost, static key => key.Tenant), Column(lost, static key => key.Study));
        }
        DerivedWriter.Add(batch, writes);
    }

    private static void AddSets(NpgsqlBatch batch, PendingWrites writes)
    {
        if (writes.NewSets is { Count: > 0 } added)
        {
            batch.Add(NewSets, Column(added, static row => row.Key.Tenant), Column(added, static row => row.Key.Study),
                Column(added, static row => row.Key.Series), Column(added, static row => row.Key.Set), Column(added, static row => row.Count.Count),
                Column(added, static row => row.Count.Min.ToBytes()), Column(added, static row => row.Json));
        }
        if (writes.ChangedSets is { Count: > 0 } changed)
        {
            batch.Add(ChangedSets, Column(changed, static row => row.Key.Tenant), Column(changed, static row => row.Key.Study),
                Column(changed, static row => row.Key.Series), Column(changed, static row => row.Key.Set),
                Column(changed, static row => row.Count.Count), Column(changed, static row => row.Count.Min.ToBytes()));
        }
    }

    private static void AddSeries(NpgsqlBatch batch, PendingWrites writes)
    {
        if (writes.Series is { Count: > 0 } saved)
        {
            batch.Add(UpsertSeries, Column(saved, static row => row.Tenant), Column(saved, static row => row.Study),
                Column(saved, static row => row.Series), Column(saved, static row => row.Attributes.Modality),
                Column(saved, static row => row.Attributes.SeriesNumber), Column(saved, static row => Text.NumberOrder(row.Attributes.SeriesNumber)),
                Column(saved, static row => row.Attributes.SeriesDescription), Column(saved, static row => row.Attributes.BodyPartExamined),
                Column(saved, static row => row.Attributes.InstitutionName), Column(saved, static row => row.Attributes.StationName),
                Column(saved, static row => row.Attributes.PerformedProcedureStepStartDate),
                Column(saved, static row => row.Attributes.PerformedProcedureStepStartTime), Column(saved, static row => (int)row.Count.Count),
                Column(saved, static row => row.Count.First.ToBytes()), Column(saved, static row => row.Count.FirstSopUid));
        }
        if (writes.ChangedSeries is { Count: > 0 } changed)
        {
            batch.Add(ChangedSeries, Column(changed, static row => row.Tenant), Column(changed, static row => row.Study),
                Column(changed, static row => row.Series), Column(changed, static row => (int)row.Count.Count),
                Column(changed, static row => row.Count.First.ToBytes()), Column(changed, static row => row.Count.FirstSopUid));
        }
        if (writes.LostSeries is { Count: > 0 } lost)
        {
            batch.Add(DeleteSeries, Column(lost, static row => row.Tenant), Column(lost, static row => row.Study), Column(lost, static row => row.Series));
        }
        AddRequests(batch, writes);
    }

    private static void AddRequests(NpgsqlBatch batch, PendingWrites writes)
    {
        var touched = writes.Series.Select(static row => (row.Tenant, row.Study, row.Series)).Concat(writes.LostSeries).ToList();
        if (touched.Count > 0)
        {
            batch.Add(DeleteRequests, Column(touched, static row => row.Tenant), Column(touched, static row => row.Study),
                Column(touched, static row => row.Series));
        }
        var items = writes.Series.SelectMany(static row => row.Attributes.Requests.Select((request, item) => (Row: row, Item: item, Request: request))).ToList();
        if (items.Count > 0)
        {
            batch.Add(NewRequests, Column(items, static row => row.Row.Tenant), Column(items, static row => row.Row.Study),
                Column(items, static row => row.Row.Series), Column(items, static row => row.Item),
                Column(items, static row => row.Request.ScheduledProcedureStepId), Column(items, static row => row.Request.RequestedProcedureId));
        }
    }

    private static void AddStudies(NpgsqlBatch batch, List<StudyRecord> studies) => batch.Add(UpdateStudies,
    [
        Column(studies, static study => study.Tenant.Value), Column(studies, static study => study.StudyUid),
        Column(studies, static study => study.Modalities), Column(studies, static study => (int)study.SeriesCount),
        Column(studies, static study => (int)study.Instances), Column(studies, static study => study.Bytes),
        Column(studies, static study => study.Version), Column(studies, static study => study.First.Origin.ToBytes()),
        Column(studies, static study => study.First.SeriesUid), Column(studies, static study => study.First.SopUid),
        .. AttributeColumns.Study.Select(column => Column(studies, study => column.Get(study.Attributes))),
    ]);
}

using VnaCloud.Archive;
using VnaCloud.Index.Ingest;

namespace VnaCloud.Index.Sqlite;

internal sealed partial class SqliteRows
{
    private static readonly string AttributeNames = string.Join(", ", AttributeColumns.Study.Select(static column => column.Column));

    private static readonly string SelectStudy = $"""
        SELECT {AttributeNames}, modalities, series_count, instance_count, bytes, version, first_origin, first_series_uid, first_sop_uid
        FROM study WHERE {OfStudy}
        """;

    private static readonly string UpsertStudy = $"""
        INSERT INTO study ({AttributeNames}, modalities, series_count, instance_count, bytes, version, first_origin, first_series_uid,
            first_sop_uid, tenant_id, study_uid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, study_uid) DO UPDATE SET
            {string.Join(", ", AttributeColumns.Study.Select(static column => $"{column.Column} = excluded.{column.Column}"))},
            modalities = excluded.modalities, series_count = excluded.series_count, instance_count = excluded.instance_count,
            bytes = excluded.bytes, version = excluded.version, first_origin = excluded.first_origin,
            first_series_uid = excluded.first_series_uid, first_sop_uid = excluded.first_sop_uid
        """;

    public StudyRecord? Study(TenantId tenant, string studyUid)
    {
        var row = session.Prepare(SelectStudy).Bind(tenant.Value, studyUid);
        if (!row.Step())
        {
            return null;
        }
        var count = AttributeColumns.Study.Count;
        var values = AttributeColumns.Study.Select((column, i) => (column.Tag, Text: row.Text(i))).ToDictionary(static v => v.Tag, static v => v.Text);
        var record = new StudyRecord
        {
            Tenant = tenant, StudyUid = studyUid, Attributes = AttributeColumns.StudyOf(values), Modalities = row.Text(count),
            SeriesCount = row.Int64(count + 1), Instances = row.Int64(count + 2), Bytes = row.Int64(count + 3),
            Version = row.Int64(count + 4), First = new FirstInstance(Origin.Read(row.Bytes(count + 5)), row.Text(count + 6), row.Text(count + 7)),
        };
        row.Reset();
        return record;
    }

    public void SaveStudy(StudyRecord study) => session.Prepare(UpsertStudy).Bind(
    [
        .. AttributeColumns.Study.Select(column => (Value)column.Get(study.Attributes)), study.Modalities, study.SeriesCount, study.Instances,
        study.Bytes, study.Version, study.First.Origin.ToBytes(), study.First.SeriesUid, study.First.SopUid, study.Tenant.Value, study.StudyUid,
    ]).Run();
}

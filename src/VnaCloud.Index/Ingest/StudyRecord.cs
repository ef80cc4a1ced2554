using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>The live instance of a study with the smallest origin.</summary>
internal sealed record FirstInstance(Origin Origin, string SeriesUid, string SopUid);

/// <summary>A study row while it is brought up to date.</summary>
internal sealed record StudyRecord
{
    private static readonly string AttributeNames = string.Join(", ", AttributeColumns.Study.Select(static column => column.Column));

    private static readonly string Select = $"""
        SELECT {AttributeNames}, modalities, series_count, instance_count, bytes, version, first_origin, first_series_uid, first_sop_uid
        FROM study WHERE tenant_id = ? AND study_uid = ?
        """;

    private static readonly string Upsert = $"""
        INSERT INTO study ({AttributeNames}, modalities, series_count, instance_count, bytes, version, first_origin, first_series_uid,
            first_sop_uid, tenant_id, study_uid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, study_uid) DO UPDATE SET
            {string.Join(", ", AttributeColumns.Study.Select(static column => $"{column.Column} = excluded.{column.Column}"))},
            modalities = excluded.modalities, series_count = excluded.series_count, instance_count = excluded.instance_count,
            bytes = excluded.bytes, version = excluded.version, first_origin = excluded.first_origin,
            first_series_uid = excluded.first_series_uid, first_sop_uid = excluded.first_sop_uid
        """;

    public required TenantId Tenant { get; init; }
    public required string StudyUid { get; init; }
    public required StudyAttributes Attributes { get; init; }
    public required string Modalities { get; init; }
    public required long SeriesCount { get; init; }
    public required long Instances { get; init; }
    public required long Bytes { get; init; }
    public required long Version { get; init; }
    public required FirstInstance First { get; init; }

    public static StudyRecord New(TenantId tenant, string studyUid) => new()
    {
        Tenant = tenant, StudyUid = studyUid, Attributes = new StudyAttributes(), Modalities = "", SeriesCount = 0, Instances = 0, Bytes = 0,
        Version = 0, First = new FirstInstance(default, "", ""),
    };

    public static StudyRecord? Load(SqliteSession session, TenantId tenant, string studyUid)
    {
        var row = session.Prepare(Select).Bind(tenant.Value, studyUid);
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

    public void Save(SqliteSession session) => session.Prepare(Upsert).Bind(
    [
        .. AttributeColumns.Study.Select(column => (Value)column.Get(Attributes)), Modalities, SeriesCount, Instances, Bytes, Version,
        First.Origin.ToBytes(), First.SeriesUid, First.SopUid, Tenant.Value, StudyUid,
    ]).Run();

    public static void Delete(SqliteSession session, TenantId tenant, string studyUid) =>
        session.Prepare("DELETE FROM study WHERE tenant_id = ? AND study_uid = ?").Bind(tenant.Value, studyUid).Run();
}

using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>Brings one series row up to date.</summary>
internal static class SeriesRefresh
{
    private const string Key = "tenant_id = ? AND study_uid = ? AND series_uid = ?";

    private const string Upsert = """
        INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET modality = excluded.modality, series_number = excluded.series_number, series_order = excluded.series_order,
            series_description = excluded.series_description, body_part_examined = excluded.body_part_examined,
            institution_name = excluded.institution_name, station_name = excluded.station_name,
            performed_procedure_step_start_date = excluded.performed_procedure_step_start_date,
            performed_procedure_step_start_time = excluded.performed_procedure_step_start_time,
            instance_count = excluded.instance_count, first_origin = excluded.first_origin, first_sop_uid = excluded.first_sop_uid
        """;

    /// <summary>Gives by how much the number of series changed.</summary>
    public static int Run(SqliteSession session, StudyDelta delta, string seriesUid, SeriesDelta part, bool setsChanged)
    {
        var old = Load(session, delta, seriesUid);
        var count = (old?.Count ?? 0) + part.Count;
        if (count == 0)
        {
            session.Prepare($"DELETE FROM series WHERE {Key}").Bind(delta.Tenant.Value, delta.StudyUid, seriesUid).Run();
            DeleteRequests(session, delta, seriesUid);
            return old is null ? 0 : -1;
        }
        var (origin, sopUid) = First(session, delta, seriesUid, part, old);
        if (setsChanged || old is null)
        {
            Write(session, delta, seriesUid, count, origin, sopUid);
        }
        else
        {
            session.Prepare($"UPDATE series SET instance_count = ?, first_origin = ?, first_sop_uid = ? WHERE {Key}")
                .Bind(count, origin.ToBytes(), sopUid, delta.Tenant.Value, delta.StudyUid, seriesUid).Run();
        }
        return old is null ? 1 : 0;
    }

    private static (long Count, Origin First, string SopUid)? Load(SqliteSession session, StudyDelta delta, string seriesUid)
    {
        var row = session.Prepare($"SELECT instance_count, first_origin, first_sop_uid FROM series WHERE {Key}")
            .Bind(delta.Tenant.Value, delta.StudyUid, seriesUid);
        (long, Origin, string)? found = row.Step() ? (row.Int64(0), Origin.Read(row.Bytes(1)), row.Text(2)) : null;
        row.Reset();
        return found;
    }

    private static (Origin Origin, string SopUid) First(
        SqliteSession session, StudyDelta delta, string seriesUid, SeriesDelta part, (long Count, Origin First, string SopUid)? old)
    {
        if (part.HasRemovals)
        {
            var row = session.Prepare($"SELECT origin, sop_uid FROM instance WHERE {Key} ORDER BY origin LIMIT 1")
                .Bind(delta.Tenant.Value, delta.StudyUid, seriesUid);
            row.Step();
            var found = (Origin.Read(row.Bytes(0)), row.Text(1));
            row.Reset();
            return found;
        }
        var added = part.First!.Value;
        return old is { } was && was.First.CompareTo(added.Origin) < 0 ? (was.First, was.SopUid) : (added.Origin, added.SopUid);
    }

    private static void Write(SqliteSession session, StudyDelta delta, string seriesUid, long count, Origin first, string sopUid)
    {
        var attributes = AttributeColumns.FirstOfSeries(StudyRefresh.Sets(
            session.Prepare($"SELECT json FROM attribute_set WHERE {Key} AND live_count > 0 ORDER BY min_origin")
                .Bind(delta.Tenant.Value, delta.StudyUid, seriesUid)));
        session.Prepare(Upsert).Bind(
            delta.Tenant.Value, delta.StudyUid, seriesUid, attributes.Modality, attributes.SeriesNumber,
            Text.NumberOrder(attributes.SeriesNumber), attributes.SeriesDescription, attributes.BodyPartExamined,
            attributes.InstitutionName, attributes.StationName, attributes.PerformedProcedureStepStartDate,
            attributes.PerformedProcedureStepStartTime, count, first.ToBytes(), sopUid).Run();
        DeleteRequests(session, delta, seriesUid);
        for (var i = 0; i < attributes.Requests.Count; i++)
        {
            session.Prepare("INSERT INTO series_request VALUES (?, ?, ?, ?, ?, ?)").Bind(delta.Tenant.Value, delta.StudyUid, seriesUid, i,
                attributes.Requests[i].ScheduledProcedureStepId, attributes.Requests[i].RequestedProcedureId).Run();
        }
    }

    private static void DeleteRequests(SqliteSession session, StudyDelta delta, string seriesUid) =>
        session.Prepare($"DELETE FROM series_request WHERE {Key}").Bind(delta.Tenant.Value, delta.StudyUid, seriesUid).Run();
}

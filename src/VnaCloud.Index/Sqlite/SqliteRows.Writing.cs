using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Sqlite;

internal sealed partial class SqliteRows
{
    private const string InsertInstance = $"INSERT INTO instance ({InstanceColumns.Names}) VALUES ({InstanceColumns.Parameters})";

    private const string InsertDeleted = $"""
        INSERT INTO deleted_instance ({InstanceColumns.Names}, deleted_at, decision) VALUES ({InstanceColumns.Parameters}, ?, ?)
        ON CONFLICT DO NOTHING
        """;

    private const string InsertBatch = "INSERT INTO ingest_batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private const string UpsertSeries = """
        INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET modality = excluded.modality, series_number = excluded.series_number, series_order = excluded.series_order,
            series_description = excluded.series_description, body_part_examined = excluded.body_part_examined,
            institution_name = excluded.institution_name, station_name = excluded.station_name,
            performed_procedure_step_start_date = excluded.performed_procedure_step_start_date,
            performed_procedure_step_start_time = excluded.performed_procedure_step_start_time,
            instance_count = excluded.instance_count, first_origin = excluded.first_origin, first_sop_uid = excluded.first_sop_uid
        """;

    private const string UpsertPatient = """
        INSERT INTO patient VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
            name = excluded.name, birth_date = excluded.birth_date, sex = excluded.sex, studies = patient.studies + excluded.studies
        """;

    public void AddPack(TenantId tenant, string studyUid, long id, Ulid ulid, string key, long length)
    {
        session.Prepare("INSERT INTO pack (tenant_id, study_uid, pack_id, ulid, object_key, length, scrubbed_at) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .Bind(tenant.Value, studyUid, id, IngestTransaction.Bytes(ulid), key, length, now.ToUnixTimeMilliseconds()).Run();
        onPack?.Invoke(key);
    }

    public void Touch(TenantId tenant, string studyUid, DateTimeOffset at) => Upkeep.StudyQueue.Touch(session, tenant, studyUid, at);

    public void AddInstance(TenantId tenant, InstanceEntry entry, long setId, long dataPack, long metadataPack) =>
        session.Prepare(InsertInstance).Bind(InstanceColumns.Values(tenant, entry, setId, dataPack, metadataPack)).Run();

    public void AddDeleted(TenantId tenant, InstanceEntry entry, long setId, long dataPack, long metadataPack, DateTimeOffset at, Ulid decision) =>
        session.Prepare(InsertDeleted).Bind(
        [
            .. InstanceColumns.Values(tenant, entry, setId, dataPack, metadataPack), at.ToUnixTimeMilliseconds(), IngestTransaction.Bytes(decision),
        ]).Run();

    public void MoveToDeleted(TenantId tenant, InstanceKey key, DateTimeOffset at, Ulid decision)
    {
        session.Prepare($"""
            INSERT INTO deleted_instance ({InstanceColumns.Names}, deleted_at, decision)
                SELECT {InstanceColumns.Names}, ?, ? FROM instance WHERE {OfInstance}
            """).Bind(at.ToUnixTimeMilliseconds(), IngestTransaction.Bytes(decision), tenant.Value, key.StudyUid, key.SeriesUid, key.SopUid).Run();
        session.Prepare($"DELETE FROM instance WHERE {OfInstance}").Bind(tenant.Value, key.StudyUid, key.SeriesUid, key.SopUid).Run();
    }

    public void MoveToLive(TenantId tenant, InstanceKey key, in Arrival arrival)
    {
        Value[] row = [tenant.Value, key.StudyUid, key.SeriesUid, key.SopUid, arrival.Origin.ToBytes()];
        session.Prepare($"""
            INSERT INTO instance ({InstanceColumns.Names}) SELECT {InstanceColumns.Names} FROM deleted_instance WHERE {OfInstance} AND origin = ?
            """).Bind(row).Run();
        session.Prepare($"DELETE FROM deleted_instance WHERE {OfInstance} AND origin = ?").Bind(row).Run();
    }

    public void AddBatch(PackCommit pack, DateTimeOffset at, int stored, int duplicates, int conflicts)
    {
        var source = pack.Source;
        session.Prepare(InsertBatch).Bind(
            pack.Tenant.Value, pack.StudyUid, IngestTransaction.Bytes(source.Batch), IngestTransaction.Bytes(pack.Pack),
            Text.Clean(source.Actor), Text.Clean(source.Address), Text.Clean(source.RequestId),
            source.ReceivedAt.ToUnixTimeMilliseconds(), at.ToUnixTimeMilliseconds(), stored, duplicates, conflicts).Run();
    }

    public void AddChange(TenantId tenant, ChangeKind kind, InstanceKey key, DateTimeOffset at)
    {
        var state = Tenant(tenant)!;
        session.Prepare("INSERT INTO change SELECT ?, epoch, ?, ?, ?, ?, ?, ?, ? FROM archive")
            .Bind(tenant.Value, ++state.ChangeSeq, (int)kind, key.StudyUid, key.SeriesUid, key.SopUid, at.ToUnixTimeMilliseconds(), state.Version).Run();
    }

    public void AddDecision(TenantId tenant, Decision decision) => session.Prepare("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").Bind(
        tenant.Value, IngestTransaction.Bytes(decision.Id), (int)decision.Kind, decision.Key.StudyUid, decision.Key.SeriesUid, decision.Key.SopUid,
        decision.Origin.ToBytes(), decision.At.ToUnixTimeMilliseconds(), decision.Reason).Run();

    public void AddSet(SetKey key, SetCount count, byte[] json) => session.Prepare("INSERT INTO attribute_set VALUES (?, ?, ?, ?, ?, ?, ?)")
        .Bind(key.Tenant, key.Study, key.Series, key.Set, count.Count, count.Min.ToBytes(), json).Run();

    public void KeepSet(SetKey key, Origin origin, byte[] json) =>
        session.Prepare("INSERT INTO attribute_set VALUES (?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO NOTHING")
            .Bind(key.Tenant, key.Study, key.Series, key.Set, origin.ToBytes(), json).Run();

    public void ChangeSet(SetKey key, SetCount count) => session.Prepare($"UPDATE attribute_set SET live_count = ?, min_origin = ? WHERE {OfSet}")
        .Bind(count.Count, count.Min.ToBytes(), key.Tenant, key.Study, key.Series, key.Set).Run();

    public void SaveSeries(TenantId tenant, string studyUid, string seriesUid, SeriesAttributes attributes, SeriesCount count)
    {
        session.Prepare(UpsertSeries).Bind(
            tenant.Value, studyUid, seriesUid, attributes.Modality, attributes.SeriesNumber, Text.NumberOrder(attributes.SeriesNumber),
            attributes.SeriesDescription, attributes.BodyPartExamined, attributes.InstitutionName, attributes.StationName,
            attributes.PerformedProcedureStepStartDate, attributes.PerformedProcedureStepStartTime, count.Count, count.First.ToBytes(),
            count.FirstSopUid).Run();
        DeleteRequests(tenant, studyUid, seriesUid);
        for (var i = 0; i < attributes.Requests.Count; i++)
        {
            session.Prepare("INSERT INTO series_request VALUES (?, ?, ?, ?, ?, ?)").Bind(tenant.Value, studyUid, seriesUid, i,
                attributes.Requests[i].ScheduledProcedureStepId, attributes.Requests[i].RequestedProcedureId).Run();
        }
    }

    public void ChangeSeries(TenantId tenant, string studyUid, string seriesUid, SeriesCount count) =>
        session.Prepare($"UPDATE series SET instance_count = ?, first_origin = ?, first_sop_uid = ? WHERE {OfSeries}")
            .Bind(count.Count, count.First.ToBytes(), count.FirstSopUid, tenant.Value, studyUid, seriesUid).Run();

    public void DeleteSeries(TenantId tenant, string studyUid, string seriesUid)
    {
        session.Prepare($"DELETE FROM series WHERE {OfSeries}").Bind(tenant.Value, studyUid, seriesUid).Run();
        DeleteRequests(tenant, studyUid, seriesUid);
    }

    public void DeleteStudy(TenantId tenant, string studyUid) =>
        session.Prepare($"DELETE FROM study WHERE {OfStudy}").Bind(tenant.Value, studyUid).Run();

    public void ChangeDerived(TenantId tenant, string studyUid, DerivedChange change)
    {
        foreach (var row in change.LostWords)
        {
            session.Prepare("""
                DELETE FROM study_word WHERE tenant_id = ? AND kind = ? AND fold = ? AND study_date = ? AND study_time = ? AND study_uid = ?
                """).Bind(tenant.Value, (int)row.Kind, row.Fold, row.Date, row.Time, studyUid).Run();
        }
        foreach (var row in change.NewWords)
        {
            session.Prepare("INSERT INTO study_word VALUES (?, ?, ?, ?, ?, ?)")
                .Bind(tenant.Value, (int)row.Kind, row.Fold, row.Date, row.Time, studyUid).Run();
        }
        foreach (var (modality, date, time) in change.LostModalities)
        {
            session.Prepare("""
                DELETE FROM study_modality WHERE tenant_id = ? AND modality = ? AND study_date = ? AND study_time = ? AND study_uid = ?
                """).Bind(tenant.Value, modality, date, time, studyUid).Run();
        }
        foreach (var (modality, date, time) in change.NewModalities)
        {
            session.Prepare("INSERT INTO study_modality VALUES (?, ?, ?, ?, ?)").Bind(tenant.Value, modality, date, time, studyUid).Run();
        }
    }

    public void ChangePatient(PatientChange change)
    {
        var first = session.Prepare("""
            SELECT patient_name, patient_birth_date, patient_sex FROM study
            WHERE tenant_id = ? AND patient_id = ? AND issuer_of_patient_id = ? ORDER BY first_origin LIMIT 1
            """).Bind(change.Tenant, change.PatientId, change.Issuer);
        if (!first.Step())
        {
            session.Prepare("DELETE FROM patient WHERE tenant_id = ? AND patient_key = ?").Bind(change.Tenant, change.Key).Run();
            return;
        }
        var (name, birthDate, sex) = (first.Text(0), first.Text(1), first.Text(2));
        first.Reset();
        session.Prepare(UpsertPatient).Bind(change.Tenant, change.Key, change.Issuer, change.PatientId, name, birthDate, sex, change.Studies).Run();
    }

    public void AddTotals(TenantId tenant, Totals totals)
    {
        var state = Tenant(tenant)!;
        session.Prepare("""
            UPDATE tenant SET studies = studies + ?, series = series + ?, instances = instances + ?, packs = packs + ?, version = ?,
                change_seq = ? WHERE tenant_id = ?
            """).Bind(totals.Studies, totals.Series, totals.Instances, totals.Packs, state.Version, state.ChangeSeq, tenant.Value).Run();
    }

    private void DeleteRequests(TenantId tenant, string studyUid, string seriesUid) =>
        session.Prepare($"DELETE FROM series_request WHERE {OfSeries}").Bind(tenant.Value, studyUid, seriesUid).Run();
}

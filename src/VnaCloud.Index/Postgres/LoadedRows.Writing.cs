using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Postgres;

internal sealed partial class LoadedRows
{
    public void Touch(TenantId tenant, string studyUid, DateTimeOffset at) =>
        Writes.Touched.Add((tenant.Value, studyUid, at.ToUnixTimeMilliseconds()));

    public void AddPack(TenantId tenant, string studyUid, long id, Ulid ulid, string key, long length)
    {
        Writes.Packs.Add((tenant.Value, studyUid, id, ulid, key, length));
        Packs.Add((tenant.Value, key), id);
        Of(tenant.Value, studyUid).LastPackId = id;
    }

    public void AddInstance(TenantId tenant, InstanceEntry entry, long setId, long dataPack, long metadataPack)
    {
        Writes.Instances.Add(new InstanceRow(tenant.Value, entry, setId, dataPack, metadataPack));
        Of(tenant.Value, entry.Key.StudyUid).Live.Add((entry.Key.SeriesUid, entry.Key.SopUid), new KnownArrival(entry.ContentDigest, entry.Origin));
        var name = (tenant.Value, entry.Key.SopUid);
        if (!_added.TryGetValue(name, out var keys))
        {
            _added.Add(name, keys = []);
        }
        keys.Add(entry.Key);
    }

    public void AddDeleted(TenantId tenant, InstanceEntry entry, long setId, long dataPack, long metadataPack, DateTimeOffset at, Ulid decision)
    {
        Writes.Deleted.Add(new InstanceRow(tenant.Value, entry, setId, dataPack, metadataPack));
        Writes.DeletedAt.Add((at.ToUnixTimeMilliseconds(), decision));
    }

    public void MoveToDeleted(TenantId tenant, InstanceKey key, DateTimeOffset at, Ulid decision)
    {
        Writes.ToDeleted.Add((tenant.Value, key, at.ToUnixTimeMilliseconds(), decision));
        Of(tenant.Value, key.StudyUid).Arrivals.Remove((key.SeriesUid, key.SopUid));
    }

    public void MoveToLive(TenantId tenant, InstanceKey key, in Arrival arrival)
    {
        Writes.ToLive.Add((tenant.Value, key, arrival.Origin));
        Of(tenant.Value, key.StudyUid).Arrivals.Add((key.SeriesUid, key.SopUid), arrival);
    }

    public void AddBatch(PackCommit pack, DateTimeOffset at, int stored, int duplicates, int conflicts)
    {
        Writes.Batches.Add((pack, at.ToUnixTimeMilliseconds(), stored, duplicates, conflicts));
        Batches.Add((pack.Source.Batch, pack.Pack));
    }

    public void AddChange(TenantId tenant, ChangeKind kind, InstanceKey key, DateTimeOffset at) =>
        Writes.Changes.Add((tenant.Value, kind, key, at.ToUnixTimeMilliseconds()));

    public void AddDecision(TenantId tenant, Decision decision)
    {
        Writes.Decisions.Add((tenant.Value, decision));
        Writes.LastDecision = Later(decision.Id, Writes.LastDecision);
    }

    public void AddSet(SetKey key, SetCount count, byte[] json)
    {
        Writes.NewSets.Add((key, count, json));
        Of(key.Tenant, key.Study).Sets.Add((key.Series, key.Set), new LoadedSet(count, json));
    }

    public void KeepSet(SetKey key, Origin origin, byte[] json) => Writes.NewSets.Add((key, new SetCount(0, origin), json));

    public void ChangeSet(SetKey key, SetCount count)
    {
        Writes.ChangedSets.Add((key, count));
        var sets = Of(key.Tenant, key.Study).Sets;
        sets[(key.Series, key.Set)] = sets[(key.Series, key.Set)] with { Count = count };
    }

    public void SaveSeries(TenantId tenant, string studyUid, string seriesUid, SeriesAttributes attributes, SeriesCount count)
    {
        Writes.Series.Add((tenant.Value, studyUid, seriesUid, attributes, count));
        Of(tenant.Value, studyUid).Series[seriesUid] = new LoadedSeries(count, attributes.Modality);
    }

    public void ChangeSeries(TenantId tenant, string studyUid, string seriesUid, SeriesCount count)
    {
        Writes.ChangedSeries.Add((tenant.Value, studyUid, seriesUid, count));
        var series = Of(tenant.Value, studyUid).Series;
        series[seriesUid] = series[seriesUid] with { Count = count };
    }

    public void DeleteSeries(TenantId tenant, string studyUid, string seriesUid)
    {
        Writes.LostSeries.Add((tenant.Value, studyUid, seriesUid));
        Of(tenant.Value, studyUid).Series.Remove(seriesUid);
    }

    public void SaveStudy(StudyRecord study)
    {
        var before = Of(study.Tenant.Value, study.StudyUid).Record;
        var isAsBefore = before is not null && before.Attributes == study.Attributes && before.Modalities == study.Modalities;
        (isAsBefore ? Writes.ChangedStudies : Writes.Studies).Add(study);
    }

    public void DeleteStudy(TenantId tenant, string studyUid) => Writes.LostStudies.Add((tenant.Value, studyUid));

    public void ChangeDerived(TenantId tenant, string studyUid, DerivedChange change)
    {
        Writes.LostWords.AddRange(change.LostWords.Select(row => (tenant.Value, studyUid, row)));
        Writes.NewWords.AddRange(change.NewWords.Select(row => (tenant.Value, studyUid, row)));
        Writes.LostModalities.AddRange(change.LostModalities.Select(row => (tenant.Value, studyUid, row)));
        Writes.NewModalities.AddRange(change.NewModalities.Select(row => (tenant.Value, studyUid, row)));
    }

    public void ChangePatient(PatientChange change)
    {
        // Once for each patient, in key order: so every transaction locks their rows in one order.
        var key = (change.Tenant, change.Key);
        var studies = Writes.Patients.TryGetValue(key, out var earlier) ? earlier.Studies : 0;
        Writes.Patients[key] = change with { Studies = studies + change.Studies };
    }

    public void AddTotals(TenantId tenant, Totals totals) => Writes.Totals.Add((tenant.Value, totals));
}

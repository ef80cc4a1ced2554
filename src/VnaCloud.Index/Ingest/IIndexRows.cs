using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Ingest;

/// <summary>Names an attribute set.</summary>
internal readonly record struct SetKey(int Tenant, string Study, string Series, long Set);

/// <summary>The live instances of an attribute set: how many, and the smallest origin that was among them last.</summary>
internal readonly record struct SetCount(long Count, Origin Min);

/// <summary>The computed part of a series row.</summary>
internal readonly record struct SeriesCount(long Count, Origin First, string FirstSopUid);

/// <summary>What a stored or deleted arrival is compared by.</summary>
internal readonly record struct KnownArrival(Digest Content, Origin Origin);

/// <summary>By how much the totals of a tenant change.</summary>
internal readonly record struct Totals(int Studies, int Series, int Instances, int Packs);

/// <summary>
/// The rows that the rules of ingest read and write within one transaction. SQLite runs a statement for each call; PostgreSQL has
/// loaded what can be asked for, keeps in memory what is written, and sends it at the end.
/// </summary>
internal interface IIndexRows
{
    bool HasTenant(TenantId tenant);

    /// <summary>The content version of this transaction.</summary>
    long Version(TenantId tenant);

    /// <summary>An id larger than that of every decision before it.</summary>
    Ulid NextDecision(DateTimeOffset now);

    /// <summary>Later decisions get larger ids than this one.</summary>
    void RaiseDecisions(Ulid last);

    bool IsKnownBatch(PackCommit pack);

    KnownArrival? Live(TenantId tenant, InstanceKey key);

    /// <summary>Deleted arrivals of an instance, by origin.</summary>
    IReadOnlyList<KnownArrival> Deleted(TenantId tenant, InstanceKey key);

    /// <summary>Whether a live instance of another study or series has the SOP Instance UID.</summary>
    bool IsElsewhere(TenantId tenant, InstanceKey key);

    /// <summary>The number of a pack within its study; null when the index has no such pack.</summary>
    long? PackId(TenantId tenant, string key);

    /// <summary>The largest number of a pack of the study; 0 when it has none.</summary>
    long LastPackId(TenantId tenant, string studyUid);

    SetCount? Set(SetKey key);

    /// <summary>The smallest origin among the live instances of a set.</summary>
    Origin? FirstOrigin(SetKey key);

    SeriesCount? Series(TenantId tenant, string studyUid, string seriesUid);

    /// <summary>The live instance of a series with the smallest origin.</summary>
    (Origin Origin, string SopUid) FirstOfSeries(TenantId tenant, string studyUid, string seriesUid);

    /// <summary>Sets of a series with live instances, by smallest origin.</summary>
    IReadOnlyList<AttributeSet> SetsOfSeries(TenantId tenant, string studyUid, string seriesUid);

    StudyRecord? Study(TenantId tenant, string studyUid);

    /// <summary>The live instance of a study with the smallest origin, from its series.</summary>
    FirstInstance FirstOfStudy(TenantId tenant, string studyUid);

    /// <summary>Sets of a study with live instances, by smallest origin and series.</summary>
    IReadOnlyList<AttributeSet> SetsOfStudy(TenantId tenant, string studyUid);

    /// <summary>Modalities of the study's series that are not empty.</summary>
    IReadOnlyCollection<string> Modalities(TenantId tenant, string studyUid);

    /// <summary>Upkeep looks at the study again some time after <paramref name="at"/>.</summary>
    void Touch(TenantId tenant, string studyUid, DateTimeOffset at);

    void AddPack(TenantId tenant, string studyUid, long id, Ulid ulid, string key, long length);

    void AddInstance(TenantId tenant, InstanceEntry entry, long setId, long dataPack, long metadataPack);

    /// <summary>An arrival that is deleted from the start; one that is there already stays as it is.</summary>
    void AddDeleted(TenantId tenant, InstanceEntry entry, long setId, long dataPack, long metadataPack, DateTimeOffset at, Ulid decision);

    /// <summary>A live instance becomes a deleted arrival.</summary>
    void MoveToDeleted(TenantId tenant, InstanceKey key, DateTimeOffset at, Ulid decision);

    /// <summary>A deleted arrival becomes the live instance.</summary>
    void MoveToLive(TenantId tenant, InstanceKey key, in Arrival arrival);

    void AddBatch(PackCommit pack, DateTimeOffset at, int stored, int duplicates, int conflicts);

    void AddChange(TenantId tenant, ChangeKind kind, InstanceKey key, DateTimeOffset at);

    void AddDecision(TenantId tenant, Decision decision);

    void AddSet(SetKey key, SetCount count, byte[] json);

    /// <summary>Keeps a set without live instances, where it is not known already.</summary>
    void KeepSet(SetKey key, Origin origin, byte[] json);

    void ChangeSet(SetKey key, SetCount count);

    /// <summary>Writes a whole series row and its requests.</summary>
    void SaveSeries(TenantId tenant, string studyUid, string seriesUid, SeriesAttributes attributes, SeriesCount count);

    /// <summary>Writes the computed part of a series row.</summary>
    void ChangeSeries(TenantId tenant, string studyUid, string seriesUid, SeriesCount count);

    void DeleteSeries(TenantId tenant, string studyUid, string seriesUid);

    void SaveStudy(StudyRecord study);

    void DeleteStudy(TenantId tenant, string studyUid);

    /// <summary>Replaces rows for searches; <paramref name="change"/> names those that differ.</summary>
    void ChangeDerived(TenantId tenant, string studyUid, DerivedChange change);

    /// <summary>Runs when the rows of studies are written: the patient's values are looked up among them.</summary>
    void ChangePatient(PatientChange change);

    void AddTotals(TenantId tenant, Totals totals);
}

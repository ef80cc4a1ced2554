using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Postgres;

/// <summary>A row of instance or deleted_instance.</summary>
internal readonly record struct InstanceRow(int Tenant, InstanceEntry Entry, long SetId, long DataPack, long MetadataPack);

/// <summary>What a transaction sends in its last round trip.</summary>
internal sealed class PendingWrites
{
    public List<(int Tenant, string Study, long Id, Ulid Ulid, string Key, long Length)> Packs { get; } = [];
    public List<InstanceRow> Instances { get; } = [];
    public List<InstanceRow> Deleted { get; } = [];

    /// <summary>Time and decision of each row of <see cref="Deleted"/>.</summary>
    public List<(long At, Ulid Decision)> DeletedAt { get; } = [];
    public List<(int Tenant, InstanceKey Key, long At, Ulid Decision)> ToDeleted { get; } = [];
    public List<(int Tenant, InstanceKey Key, Origin Origin)> ToLive { get; } = [];
    public List<(PackCommit Pack, long At, int Stored, int Duplicates, int Conflicts)> Batches { get; } = [];
    public List<(int Tenant, ChangeKind Kind, InstanceKey Key, long At)> Changes { get; } = [];
    public List<(int Tenant, Decision Decision)> Decisions { get; } = [];
    public List<(SetKey Key, SetCount Count, byte[] Json)> NewSets { get; } = [];
    public List<(SetKey Key, SetCount Count)> ChangedSets { get; } = [];
    public List<(int Tenant, string Study, string Series, SeriesAttributes Attributes, SeriesCount Count)> Series { get; } = [];
    public List<(int Tenant, string Study, string Series, SeriesCount Count)> ChangedSeries { get; } = [];
    public List<(int Tenant, string Study, string Series)> LostSeries { get; } = [];
    public List<StudyRecord> Studies { get; } = [];

    /// <summary>Studies whose attributes stay as they are.</summary>
    public List<StudyRecord> ChangedStudies { get; } = [];
    public List<(int Tenant, string Study)> LostStudies { get; } = [];
    public List<(int Tenant, string Study, WordRow Row)> LostWords { get; } = [];
    public List<(int Tenant, string Study, WordRow Row)> NewWords { get; } = [];
    public List<(int Tenant, string Study, ModalityRow Row)> LostModalities { get; } = [];
    public List<(int Tenant, string Study, ModalityRow Row)> NewModalities { get; } = [];
    public SortedDictionary<(int Tenant, string Key), PatientChange> Patients { get; } = new(PatientOrder.Instance);
    public List<(int Tenant, Totals Totals)> Totals { get; } = [];

    /// <summary>Studies that upkeep is to look at, in key order, and since when.</summary>
    public List<(int Tenant, string Study, long At)> Touched { get; } = [];

    /// <summary>The largest decision made or replayed; default for none.</summary>
    public Ulid LastDecision { get; set; }

    /// <summary>The next content version is to be at least this; 0 for no wish.</summary>
    public long RaiseVersion { get; set; }

    private sealed class PatientOrder : IComparer<(int Tenant, string Key)>
    {
        public static readonly PatientOrder Instance = new();

        public int Compare((int Tenant, string Key) x, (int Tenant, string Key) y) =>
            x.Tenant != y.Tenant ? x.Tenant.CompareTo(y.Tenant) : string.CompareOrdinal(x.Key, y.Key);
    }
}

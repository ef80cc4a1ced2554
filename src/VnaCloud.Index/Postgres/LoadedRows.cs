using System.Security.Cryptography;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;

namespace VnaCloud.Index.Postgres;

/// <summary>A series row as far as the rules ask for it.</summary>
internal readonly record struct LoadedSeries(SeriesCount Count, string Modality);

/// <summary>An attribute set as stored.</summary>
internal readonly record struct LoadedSet(SetCount Count, byte[] Json);

/// <summary>What was loaded of a study, with what the transaction has changed since.</summary>
internal sealed class LoadedStudy
{
    /// <summary>Null for a study without live instances.</summary>
    public StudyRecord? Record { get; set; }
    public long LastPackId { get; set; }
    public Dictionary<(string Series, string Sop), KnownArrival> Live { get; } = [];
    public Dictionary<(string Series, string Sop), List<KnownArrival>> Deleted { get; } = [];
    public HashSet<(string Series, string Sop)> Elsewhere { get; } = [];
    public Dictionary<string, LoadedSeries> Series { get; } = [];
    public Dictionary<(string Series, long Set), LoadedSet> Sets { get; } = [];

    /// <summary>Every live instance; loaded for decisions only.</summary>
    public Dictionary<(string Series, string Sop), Arrival> Arrivals { get; } = [];
}

/// <summary>The rows of a transaction in PostgreSQL: questions are answered from memory, writes are kept in <see cref="Writes"/>.</summary>
internal sealed partial class LoadedRows(DateTimeOffset now, long epoch) : IIndexRows
{
    private readonly Dictionary<(int Tenant, string Study), LoadedStudy> _studies = [];
    private readonly Dictionary<(int Tenant, string Sop), List<InstanceKey>> _added = [];
    private Dictionary<(string, string, long), Origin>? _setMinima;
    private Dictionary<(string, string), (Origin, string)>? _seriesMinima;
    private int _decisions;

    /// <summary>The time of the transaction.</summary>
    public DateTimeOffset Now => now;

    public long Epoch => epoch;

    /// <summary>Set when the studies are locked, so that it rises with the order of a study's transactions.</summary>
    public long ContentVersion { get; set; }

    public PendingWrites Writes { get; } = new();

    public HashSet<int> Tenants { get; } = [];

    public HashSet<(Ulid Batch, Ulid Pack)> Batches { get; } = [];

    public Dictionary<(int Tenant, string Key), long> Packs { get; } = [];

    /// <summary>Studies that had no live instance when the transaction began.</summary>
    public IEnumerable<(int Tenant, string Study)> EmptyStudies =>
        _studies.Where(static study => study.Value.Record is null).Select(static study => study.Key);

    /// <summary>Deleted arrivals that a restore brings back.</summary>
    public List<Arrival> Restorable { get; } = [];

    /// <summary>Deleted arrivals that decisions of the journal name.</summary>
    public Dictionary<(InstanceKey Key, Origin Origin), Arrival> Replayable { get; } = [];

    public LoadedStudy Of(int tenant, string studyUid)
    {
        if (!_studies.TryGetValue((tenant, studyUid), out var study))
        {
            _studies.Add((tenant, studyUid), study = new LoadedStudy());
        }
        return study;
    }

    public bool HasTenant(TenantId tenant) => Tenants.Contains(tenant.Value);

    public long Version(TenantId tenant) => ContentVersion;

    // The version is unique among transactions, and rises: as the time and the first ten random bits of the id it makes ids that do so too.
    public Ulid NextDecision(DateTimeOffset at)
    {
        const int MicrosecondsEach = 1_000;
        var (milliseconds, rest) = Math.DivRem(ContentVersion, MicrosecondsEach);
        Span<byte> random = stackalloc byte[4];
        RandomNumberGenerator.Fill(random);
        return new Ulid(((UInt128)(ulong)milliseconds << 80) | ((UInt128)(ulong)rest << 70) | ((UInt128)(uint)++_decisions << 40)
            | BitConverter.ToUInt32(random));
    }

    public void RaiseDecisions(Ulid last)
    {
        Writes.RaiseVersion = Math.Max(Writes.RaiseVersion, VersionBehind(last));
        Writes.LastDecision = Later(last, Writes.LastDecision);
    }

    /// <summary>A content version of which decisions get larger ids than this one.</summary>
    public static long VersionBehind(Ulid last) => (last.Time.ToUnixTimeMilliseconds() + 1) * 1_000;

    private static Ulid Later(Ulid a, Ulid b) => a > b ? a : b;

    public bool IsKnownBatch(PackCommit pack) => Batches.Contains((pack.Source.Batch, pack.Pack));

    public KnownArrival? Live(TenantId tenant, InstanceKey key) =>
        Of(tenant.Value, key.StudyUid).Live.TryGetValue((key.SeriesUid, key.SopUid), out var arrival) ? arrival : null;

    public IReadOnlyList<KnownArrival> Deleted(TenantId tenant, InstanceKey key) =>
        Of(tenant.Value, key.StudyUid).Deleted.TryGetValue((key.SeriesUid, key.SopUid), out var arrivals) ? arrivals : [];

    public bool IsElsewhere(TenantId tenant, InstanceKey key) =>
        Of(tenant.Value, key.StudyUid).Elsewhere.Contains((key.SeriesUid, key.SopUid))
        || (_added.TryGetValue((tenant.Value, key.SopUid), out var added) && added.Exists(other => other != key));

    public long? PackId(TenantId tenant, string key) => Packs.TryGetValue((tenant.Value, key), out var id) ? id : null;

    public long LastPackId(TenantId tenant, string studyUid) => Of(tenant.Value, studyUid).LastPackId;

    public SetCount? Set(SetKey key) => Of(key.Tenant, key.Study).Sets.TryGetValue((key.Series, key.Set), out var set) ? set.Count : null;

    public Origin? FirstOrigin(SetKey key)
    {
        _setMinima ??= Minima(static (study, arrival) => (study, arrival.SeriesUid, arrival.SetId), static arrival => arrival.Origin);
        return _setMinima.TryGetValue((key.Study, key.Series, key.Set), out var origin) ? origin : null;
    }

    public SeriesCount? Series(TenantId tenant, string studyUid, string seriesUid) =>
        Of(tenant.Value, studyUid).Series.TryGetValue(seriesUid, out var series) ? series.Count : null;

    public (Origin Origin, string SopUid) FirstOfSeries(TenantId tenant, string studyUid, string seriesUid)
    {
        _seriesMinima ??= Minima(static (study, arrival) => (study, arrival.SeriesUid), static arrival => (arrival.Origin, arrival.SopUid));
        return _seriesMinima[(studyUid, seriesUid)];
    }

    public IReadOnlyList<AttributeSet> SetsOfSeries(TenantId tenant, string studyUid, string seriesUid) =>
        [.. LiveSets(tenant, studyUid).Where(set => set.Key.Series == seriesUid).Select(static set => AttributeSet.Parse(set.Value.Json))];

    public IReadOnlyList<AttributeSet> SetsOfStudy(TenantId tenant, string studyUid) =>
        [.. LiveSets(tenant, studyUid).Select(static set => AttributeSet.Parse(set.Value.Json))];

    public StudyRecord? Study(TenantId tenant, string studyUid) => Of(tenant.Value, studyUid).Record;

    public FirstInstance FirstOfStudy(TenantId tenant, string studyUid)
    {
        var (seriesUid, series) = Of(tenant.Value, studyUid).Series.MinBy(static series => series.Value.Count.First);
        return new FirstInstance(series.Count.First, seriesUid, series.Count.FirstSopUid);
    }

    public IReadOnlyCollection<string> Modalities(TenantId tenant, string studyUid) =>
        [.. Of(tenant.Value, studyUid).Series.Values.Select(static series => series.Modality).Where(static modality => modality.Length > 0)];

    private IEnumerable<KeyValuePair<(string Series, long Set), LoadedSet>> LiveSets(TenantId tenant, string studyUid) =>
        Of(tenant.Value, studyUid).Sets.Where(static set => set.Value.Count.Count > 0)
            .OrderBy(static set => set.Value.Count.Min).ThenBy(static set => set.Key.Series, StringComparer.Ordinal);

    // One pass over all live instances, asked for when nothing moves any more.
    private Dictionary<TKey, TValue> Minima<TKey, TValue>(Func<string, Arrival, TKey> key, Func<Arrival, TValue> value) where TKey : notnull
    {
        var first = new Dictionary<TKey, Arrival>();
        foreach (var ((_, uid), study) in _studies)
        {
            foreach (var arrival in study.Arrivals.Values)
            {
                var name = key(uid, arrival);
                if (!first.TryGetValue(name, out var least) || arrival.Origin.CompareTo(least.Origin) < 0)
                {
                    first[name] = arrival;
                }
            }
        }
        return first.ToDictionary(static pair => pair.Key, pair => value(pair.Value));
    }
}

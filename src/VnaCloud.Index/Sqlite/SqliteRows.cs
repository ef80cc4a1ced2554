using VnaCloud.Archive;
using VnaCloud.Index.Ingest;

namespace VnaCloud.Index.Sqlite;

/// <summary>The rows of a transaction in SQLite: one prepared statement for each question.</summary>
internal sealed partial class SqliteRows(SqliteSession session, DateTimeOffset now, Action<string>? onPack) : IIndexRows
{
    private const string OfStudy = "tenant_id = ? AND study_uid = ?";
    private const string OfSeries = $"{OfStudy} AND series_uid = ?";
    private const string OfInstance = $"{OfSeries} AND sop_uid = ?";
    private const string OfSet = $"{OfSeries} AND set_id = ?";

    private readonly Dictionary<int, TenantState> _tenants = [];
    private Ulid? _lastDecision;

    public bool HasTenant(TenantId tenant) => Tenant(tenant) is not null;

    public long Version(TenantId tenant) => Tenant(tenant)!.Version;

    public Ulid NextDecision(DateTimeOffset at)
    {
        var (fresh, last) = (Ulid.New(new FixedTime(at)), LastDecision());
        var next = fresh > last ? fresh : last.Next();
        RaiseDecisions(next);
        return next;
    }

    public void RaiseDecisions(Ulid last)
    {
        if (last > LastDecision())
        {
            _lastDecision = last;
            session.Prepare("UPDATE archive SET last_decision = ?").Bind(IngestTransaction.Bytes(last)).Run();
        }
    }

    public bool IsKnownBatch(PackCommit pack) => session.Prepare("SELECT 1 FROM ingest_batch WHERE tenant_id = ? AND study_uid = ? AND batch = ? AND pack = ?")
        .Bind(pack.Tenant.Value, pack.StudyUid, IngestTransaction.Bytes(pack.Source.Batch), IngestTransaction.Bytes(pack.Pack)).Any();

    public KnownArrival? Live(TenantId tenant, InstanceKey key)
    {
        var row = session.Prepare($"SELECT content_digest, origin FROM instance WHERE {OfInstance}")
            .Bind(tenant.Value, key.StudyUid, key.SeriesUid, key.SopUid);
        KnownArrival? found = row.Step() ? new KnownArrival(Digest.Read(row.Bytes(0)), Origin.Read(row.Bytes(1))) : null;
        row.Reset();
        return found;
    }

    public IReadOnlyList<KnownArrival> Deleted(TenantId tenant, InstanceKey key)
    {
        var row = session.Prepare($"SELECT content_digest, origin FROM deleted_instance WHERE {OfInstance} ORDER BY origin")
            .Bind(tenant.Value, key.StudyUid, key.SeriesUid, key.SopUid);
        var found = new List<KnownArrival>();
        while (row.Step())
        {
            found.Add(new KnownArrival(Digest.Read(row.Bytes(0)), Origin.Read(row.Bytes(1))));
        }
        return found;
    }

    public bool IsElsewhere(TenantId tenant, InstanceKey key) =>
        session.Prepare("SELECT 1 FROM instance WHERE tenant_id = ? AND sop_uid = ? AND (study_uid <> ? OR series_uid <> ?) LIMIT 1")
            .Bind(tenant.Value, key.SopUid, key.StudyUid, key.SeriesUid).Any();

    public long? PackId(TenantId tenant, string key) =>
        session.Prepare("SELECT pack_id FROM pack WHERE tenant_id = ? AND object_key = ?").Bind(tenant.Value, key).Scalar();

    public long LastPackId(TenantId tenant, string studyUid) =>
        session.Prepare($"SELECT max(pack_id) FROM pack WHERE {OfStudy}").Bind(tenant.Value, studyUid).Scalar() ?? 0;

    public SetCount? Set(SetKey key)
    {
        var row = session.Prepare($"SELECT live_count, min_origin FROM attribute_set WHERE {OfSet}").Bind(key.Tenant, key.Study, key.Series, key.Set);
        SetCount? found = row.Step() ? new SetCount(row.Int64(0), Origin.Read(row.Bytes(1))) : null;
        row.Reset();
        return found;
    }

    public Origin? FirstOrigin(SetKey key)
    {
        var row = session.Prepare($"SELECT min(origin) FROM instance WHERE {OfSet}").Bind(key.Tenant, key.Study, key.Series, key.Set);
        Origin? min = row.Step() && !row.IsNull(0) ? Origin.Read(row.Bytes(0)) : null;
        row.Reset();
        return min;
    }

    public SeriesCount? Series(TenantId tenant, string studyUid, string seriesUid)
    {
        var row = session.Prepare($"SELECT instance_count, first_origin, first_sop_uid FROM series WHERE {OfSeries}").Bind(tenant.Value, studyUid, seriesUid);
        SeriesCount? found = row.Step() ? new SeriesCount(row.Int64(0), Origin.Read(row.Bytes(1)), row.Text(2)) : null;
        row.Reset();
        return found;
    }

    public (Origin Origin, string SopUid) FirstOfSeries(TenantId tenant, string studyUid, string seriesUid)
    {
        var row = session.Prepare($"SELECT origin, sop_uid FROM instance WHERE {OfSeries} ORDER BY origin LIMIT 1").Bind(tenant.Value, studyUid, seriesUid);
        row.Step();
        var found = (Origin.Read(row.Bytes(0)), row.Text(1));
        row.Reset();
        return found;
    }

    public IReadOnlyList<AttributeSet> SetsOfSeries(TenantId tenant, string studyUid, string seriesUid) =>
        Sets(session.Prepare($"SELECT json FROM attribute_set WHERE {OfSeries} AND live_count > 0 ORDER BY min_origin").Bind(tenant.Value, studyUid, seriesUid));

    public IReadOnlyList<AttributeSet> SetsOfStudy(TenantId tenant, string studyUid) =>
        Sets(session.Prepare($"SELECT json FROM attribute_set WHERE {OfStudy} AND live_count > 0 ORDER BY min_origin, series_uid").Bind(tenant.Value, studyUid));

    public FirstInstance FirstOfStudy(TenantId tenant, string studyUid)
    {
        var row = session.Prepare($"SELECT first_origin, series_uid, first_sop_uid FROM series WHERE {OfStudy} ORDER BY first_origin LIMIT 1")
            .Bind(tenant.Value, studyUid);
        row.Step();
        var found = new FirstInstance(Origin.Read(row.Bytes(0)), row.Text(1), row.Text(2));
        row.Reset();
        return found;
    }

    public IReadOnlyCollection<string> Modalities(TenantId tenant, string studyUid)
    {
        var modalities = new List<string>();
        var row = session.Prepare($"SELECT modality FROM series WHERE {OfStudy} AND modality <> ''").Bind(tenant.Value, studyUid);
        while (row.Step())
        {
            modalities.Add(row.Text(0));
        }
        return modalities;
    }

    private static List<AttributeSet> Sets(Statement rows)
    {
        var sets = new List<AttributeSet>();
        while (rows.Step())
        {
            sets.Add(AttributeSet.Parse(rows.Bytes(0)));
        }
        return sets;
    }

    private TenantState? Tenant(TenantId tenant)
    {
        if (_tenants.TryGetValue(tenant.Value, out var state))
        {
            return state;
        }
        var row = session.Prepare("SELECT version, change_seq FROM tenant WHERE tenant_id = ?").Bind(tenant.Value);
        if (!row.Step())
        {
            return null;
        }
        // By the clock, so that versions rise over a rebuild of the index too.
        state = new TenantState { Version = Math.Max(row.Int64(0) + 1, now.ToUnixTimeMilliseconds()), ChangeSeq = row.Int64(1) };
        row.Reset();
        _tenants.Add(tenant.Value, state);
        return state;
    }

    private Ulid LastDecision()
    {
        if (_lastDecision is null)
        {
            var row = session.Prepare("SELECT last_decision FROM archive").Bind();
            row.Step();
            _lastDecision = Ulid.Read(row.Bytes(0));
            row.Reset();
        }
        return _lastDecision.Value;
    }

    private sealed class TenantState
    {
        public required long Version { get; init; }
        public required long ChangeSeq { get; set; }
    }

    /// <summary>One transaction has one time.</summary>
    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

using VnaCloud.Archive;
using VnaCloud.Index.Model;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// What commits and decisions share: collects how rows changed and, at the end, brings studies, series, patients and counters up to date,
/// each once.
/// </summary>
internal sealed class IndexTransaction(SqliteSession session, DateTimeOffset now, Action<string>? onPack = null)
{
    private readonly SortedDictionary<(int Tenant, string Study), StudyDelta> _studies = new(StudyOrder.Instance);
    private readonly Dictionary<int, TenantState> _tenants = [];
    private Ulid? _lastDecision;

    public SqliteSession Session => session;

    public DateTimeOffset Now => now;

    private long NowMilliseconds => now.ToUnixTimeMilliseconds();

    public StudyDelta Study(TenantId tenant, string studyUid)
    {
        if (!_studies.TryGetValue((tenant.Value, studyUid), out var delta))
        {
            _studies.Add((tenant.Value, studyUid), delta = new StudyDelta(tenant, studyUid));
        }
        return delta;
    }

    /// <summary>A line of the change feed.</summary>
    public void Change(TenantId tenant, ChangeKind kind, InstanceKey key)
    {
        var state = Tenant(tenant);
        session.Prepare("INSERT INTO change SELECT ?, epoch, ?, ?, ?, ?, ?, ?, ? FROM archive")
            .Bind(tenant.Value, ++state.ChangeSeq, (int)kind, key.StudyUid, key.SeriesUid, key.SopUid, NowMilliseconds, state.Version).Run();
    }

    /// <summary>A decision whose journal object is still to be written.</summary>
    public Ulid Decide(TenantId tenant, DecisionKind kind, InstanceKey key, Origin origin, string reason)
    {
        var id = NextDecision();
        session.Prepare("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .Bind(tenant.Value, Bytes(id), (int)kind, key.StudyUid, key.SeriesUid, key.SopUid, origin.ToBytes(), NowMilliseconds, reason).Run();
        return id;
    }

    /// <summary>The number by which the study's instance rows name a pack.</summary>
    public long PackId(TenantId tenant, string studyUid, string key, Ulid ulid, long length)
    {
        if (session.Prepare("SELECT pack_id FROM pack WHERE tenant_id = ? AND object_key = ?").Bind(tenant.Value, key).Scalar() is { } known)
        {
            return known;
        }
        var id = 1 + (session.Prepare("SELECT max(pack_id) FROM pack WHERE tenant_id = ? AND study_uid = ?").Bind(tenant.Value, studyUid).Scalar() ?? 0);
        session.Prepare("INSERT INTO pack (tenant_id, study_uid, pack_id, ulid, object_key, length, scrubbed_at) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .Bind(tenant.Value, studyUid, id, Bytes(ulid), key, length, NowMilliseconds).Run();
        onPack?.Invoke(key);
        Tenant(tenant).Packs++;
        return id;
    }

    /// <summary>Later decisions get larger ids than this one.</summary>
    public void RaiseDecisions(Ulid last)
    {
        if (last > LastDecision())
        {
            _lastDecision = last;
            WriteLastDecision(last);
        }
    }

    /// <summary>Brings everything that is computed up to date.</summary>
    public void Finish()
    {
        foreach (var delta in _studies.Values)
        {
            var tenant = Tenant(delta.Tenant);
            var (studies, series) = StudyRefresh.Run(session, delta, tenant.Version);
            Upkeep.StudyQueue.Touch(session, delta.Tenant, delta.StudyUid, now);
            tenant.Studies += studies;
            tenant.Series += series;
            tenant.Instances += delta.Instances;
        }
        foreach (var (id, state) in _tenants)
        {
            session.Prepare("""
                UPDATE tenant SET studies = studies + ?, series = series + ?, instances = instances + ?, packs = packs + ?, version = ?,
                    change_seq = ? WHERE tenant_id = ?
                """).Bind(state.Studies, state.Series, state.Instances, state.Packs, state.Version, state.ChangeSeq, id).Run();
        }
        if (_lastDecision is { } last)
        {
            WriteLastDecision(last);
        }
    }

    public static byte[] Bytes(Ulid ulid)
    {
        var bytes = new byte[16];
        ulid.WriteTo(bytes);
        return bytes;
    }

    /// <summary>Refuses a tenant that does not exist, whatever is to be written for it.</summary>
    public void Require(TenantId tenant) => Tenant(tenant);

    private TenantState Tenant(TenantId tenant)
    {
        if (_tenants.TryGetValue(tenant.Value, out var state))
        {
            return state;
        }
        var row = session.Prepare("SELECT version, change_seq FROM tenant WHERE tenant_id = ?").Bind(tenant.Value);
        if (!row.Step())
        {
            throw new InvalidOperationException($"There is no tenant {tenant.Value}.");
        }
        // By the clock, so that versions rise over a rebuild of the index too.
        state = new TenantState { LastVersion = row.Int64(0), Version = Math.Max(row.Int64(0) + 1, NowMilliseconds), ChangeSeq = row.Int64(1) };
        row.Reset();
        _tenants.Add(tenant.Value, state);
        return state;
    }

    private Ulid NextDecision()
    {
        var (fresh, last) = (Ulid.New(new FixedTime(now)), LastDecision());
        _lastDecision = fresh > last ? fresh : last.Next();
        return _lastDecision.Value;
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

    private void WriteLastDecision(Ulid last) => session.Prepare("UPDATE archive SET last_decision = ?").Bind(Bytes(last)).Run();

    private sealed class TenantState
    {
        public required long LastVersion { get; init; }
        public required long Version { get; init; }
        public long ChangeSeq { get; set; }
        public int Studies { get; set; }
        public int Series { get; set; }
        public int Instances { get; set; }
        public int Packs { get; set; }
    }

    /// <summary>One transaction has one time.</summary>
    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private sealed class StudyOrder : IComparer<(int Tenant, string Study)>
    {
        public static readonly StudyOrder Instance = new();

        public int Compare((int Tenant, string Study) x, (int Tenant, string Study) y) =>
            x.Tenant != y.Tenant ? x.Tenant.CompareTo(y.Tenant) : string.CompareOrdinal(x.Study, y.Study);
    }
}

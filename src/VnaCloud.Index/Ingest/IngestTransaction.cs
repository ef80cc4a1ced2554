using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// What commits and decisions share: collects how rows changed and, at the end, brings studies, series, patients and counters up to date,
/// each once.
/// </summary>
internal class IngestTransaction(IIndexRows rows, DateTimeOffset now)
{
    private readonly SortedDictionary<(int Tenant, string Study), StudyDelta> _studies = new(StudyOrder.Instance);
    private readonly Dictionary<int, Totals> _tenants = [];

    public IIndexRows Rows => rows;

    public DateTimeOffset Now => now;

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
        Require(tenant);
        rows.AddChange(tenant, kind, key, now);
    }

    /// <summary>A decision whose journal object is still to be written.</summary>
    public Ulid Decide(TenantId tenant, DecisionKind kind, InstanceKey key, Origin origin, string reason)
    {
        var decision = new Decision(rows.NextDecision(now), kind, key, origin, now, reason);
        rows.AddDecision(tenant, decision);
        return decision.Id;
    }

    /// <summary>The number by which the study's instance rows name a pack.</summary>
    public long PackId(TenantId tenant, string studyUid, string key, Ulid ulid, long length)
    {
        if (rows.PackId(tenant, key) is { } known)
        {
            return known;
        }
        Require(tenant);
        var id = 1 + rows.LastPackId(tenant, studyUid);
        rows.AddPack(tenant, studyUid, id, ulid, key, length);
        Count(tenant, new Totals(0, 0, 0, 1));
        return id;
    }

    /// <summary>Later decisions get larger ids than this one.</summary>
    public void RaiseDecisions(Ulid last) => rows.RaiseDecisions(last);

    /// <summary>Refuses a tenant that does not exist, whatever is to be written for it.</summary>
    public void Require(TenantId tenant)
    {
        if (_tenants.ContainsKey(tenant.Value))
        {
            return;
        }
        if (!rows.HasTenant(tenant))
        {
            throw new InvalidOperationException($"There is no tenant {tenant.Value}.");
        }
        _tenants.Add(tenant.Value, default);
    }

    /// <summary>Brings the attribute sets up to date; gives the studies whose attributes may have changed with them.</summary>
    public IReadOnlyCollection<StudyDelta> FinishSets()
    {
        foreach (var delta in _studies.Values)
        {
            StudyRefresh.RunSets(rows, delta);
        }
        return [.. _studies.Values.Where(static delta => delta.AttributesChanged)];
    }

    /// <summary>Brings everything else that is computed up to date; runs after <see cref="FinishSets"/>.</summary>
    public void Finish()
    {
        foreach (var delta in _studies.Values)
        {
            Require(delta.Tenant);
            var (studies, series) = StudyRefresh.Run(rows, delta, rows.Version(delta.Tenant));
            rows.Touch(delta.Tenant, delta.StudyUid, now);
            Count(delta.Tenant, new Totals(studies, series, delta.Instances, 0));
        }
        foreach (var (tenant, totals) in _tenants)
        {
            rows.AddTotals(new TenantId(tenant), totals);
        }
    }

    public static byte[] Bytes(Ulid ulid)
    {
        var bytes = new byte[16];
        ulid.WriteTo(bytes);
        return bytes;
    }

    /// <summary>Totals of a tenant change; the tenant was required before.</summary>
    public void Count(TenantId tenant, Totals more)
    {
        var totals = _tenants[tenant.Value];
        _tenants[tenant.Value] = new Totals(totals.Studies + more.Studies, totals.Series + more.Series,
            totals.Instances + more.Instances, totals.Packs + more.Packs);
    }

    private sealed class StudyOrder : IComparer<(int Tenant, string Study)>
    {
        public static readonly StudyOrder Instance = new();

        public int Compare((int Tenant, string Study) x, (int Tenant, string Study) y) =>
            x.Tenant != y.Tenant ? x.Tenant.CompareTo(y.Tenant) : string.CompareOrdinal(x.Study, y.Study);
    }
}

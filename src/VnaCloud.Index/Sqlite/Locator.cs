using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Sqlite;

/// <summary>Finds the stored places of instances: the call before every byte that is read, so no query composer stands in its way.</summary>
internal static class Locator
{
    private const string OfStudy = $"SELECT {InstanceColumns.Read} FROM instance WHERE tenant_id = ? AND study_uid = ?";

    private const string OfSeries = $"{OfStudy} AND series_uid = ?";

    private const string OfInstance = $"{OfSeries} AND sop_uid = ?";

    private const string OfSopInStudy = $"SELECT {InstanceColumns.Read} FROM instance WHERE tenant_id = ? AND sop_uid = ? AND study_uid = ?";

    public static StudyView? Find(SqliteSession session, LocatorCache? cache, TenantId tenant, string studyUid, string? seriesUid, string? sopUid)
    {
        if (session.Prepare("SELECT version FROM study WHERE tenant_id = ? AND study_uid = ?").Bind(tenant.Value, studyUid).Scalar() is not { } version)
        {
            return null;
        }
        if (sopUid is null && cache?.Find(tenant, studyUid, seriesUid, version) is { } kept)
        {
            return kept;
        }
        var row = (seriesUid, sopUid) switch
        {
            (null, null) => session.Prepare(OfStudy).Bind(tenant.Value, studyUid),
            (not null, null) => session.Prepare(OfSeries).Bind(tenant.Value, studyUid, seriesUid),
            (null, not null) => session.Prepare(OfSopInStudy).Bind(tenant.Value, sopUid, studyUid),
            _ => session.Prepare(OfInstance).Bind(tenant.Value, studyUid, seriesUid, sopUid),
        };
        var found = Read(session, tenant, studyUid, row);
        if (found.Count == 0)
        {
            return null;
        }
        var order = seriesUid is null && found.Count > 1 ? SeriesOrders(session, tenant, studyUid) : null;
        found.Sort((a, b) => ViewOrder.Compare(a, b, uid => order?[uid] ?? 0));
        var view = new StudyView(version, found.ConvertAll(static item => item.Entry));
        if (sopUid is null)
        {
            cache?.Keep(tenant, studyUid, seriesUid, view.Version, view);
        }
        return view;
    }

    private static List<(InstanceEntry Entry, long Order)> Read(SqliteSession session, TenantId tenant, string studyUid, Statement row)
    {
        var packs = new Packs(session, tenant, studyUid);
        var found = new List<(InstanceEntry Entry, long Order)>();
        InstanceEntry? last = null;
        while (row.Step())
        {
            var item = InstanceColumns.Entry(row, studyUid, last, packs.Key);
            last = item.Entry;
            found.Add(item);
        }
        return found;
    }

    private static Dictionary<string, long> SeriesOrders(SqliteSession session, TenantId tenant, string studyUid)
    {
        var orders = new Dictionary<string, long>();
        var row = session.Prepare("SELECT series_uid, series_order FROM series WHERE tenant_id = ? AND study_uid = ?").Bind(tenant.Value, studyUid);
        while (row.Step())
        {
            orders.Add(row.Text(0), row.Int64(1));
        }
        return orders;
    }

    /// <summary>Pack keys of one study, each read once.</summary>
    private sealed class Packs(SqliteSession session, TenantId tenant, string studyUid)
    {
        private readonly Dictionary<long, string> _keys = [];
        private (long Id, string Key) _last = (-1, "");

        public string Key(long id)
        {
            if (_last.Id != id)
            {
                _last = (id, _keys.TryGetValue(id, out var key) ? key : _keys[id] = Load(id));
            }
            return _last.Key;
        }

        private string Load(long id)
        {
            var row = session.Prepare("SELECT object_key FROM pack WHERE tenant_id = ? AND study_uid = ? AND pack_id = ?")
                .Bind(tenant.Value, studyUid, id);
            var key = row.Step() ? row.Text(0) : throw new InvalidOperationException($"Pack {id} of a study is not in the index.");
            row.Reset();
            return key;
        }
    }
}

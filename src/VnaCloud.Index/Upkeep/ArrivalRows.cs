using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Upkeep;

/// <summary>Live and deleted arrivals of a study.</summary>
internal static class ArrivalRows
{
    private const string LiveOfStudy = $"SELECT {InstanceColumns.Read} FROM instance WHERE tenant_id = ? AND study_uid = ?";

    private const string LiveOfInstance = $"{LiveOfStudy} AND series_uid = ? AND sop_uid = ?";

    private const string DeletedOfStudy = $"SELECT {InstanceColumns.Read}, deleted_at FROM deleted_instance WHERE tenant_id = ? AND study_uid = ?";

    private const string DeletedOfInstance = $"{DeletedOfStudy} AND series_uid = ? AND sop_uid = ?";

    /// <summary>Columns of <see cref="InstanceColumns.Read"/>, after which the time of the delete comes.</summary>
    private const int DeletedAt = 28;

    public static List<IndexedArrival> Select(SqliteSession session, TenantId tenant, string studyUid, IReadOnlyList<InstanceKey> instances)
    {
        var keys = PackKeys(session, tenant, studyUid);
        var arrivals = new List<IndexedArrival>();
        if (instances.Count == 0)
        {
            Read(session.Prepare(LiveOfStudy).Bind(tenant.Value, studyUid), studyUid, keys, arrivals, isDeleted: false);
            Read(session.Prepare(DeletedOfStudy).Bind(tenant.Value, studyUid), studyUid, keys, arrivals, isDeleted: true);
        }
        foreach (var key in instances)
        {
            Read(session.Prepare(LiveOfInstance).Bind(tenant.Value, studyUid, key.SeriesUid, key.SopUid), studyUid, keys, arrivals, isDeleted: false);
            Read(session.Prepare(DeletedOfInstance).Bind(tenant.Value, studyUid, key.SeriesUid, key.SopUid), studyUid, keys, arrivals, isDeleted: true);
        }
        return arrivals;
    }

    public static Dictionary<long, string> PackKeys(SqliteSession session, TenantId tenant, string studyUid)
    {
        var keys = new Dictionary<long, string>();
        var row = session.Prepare("SELECT pack_id, object_key FROM pack WHERE tenant_id = ? AND study_uid = ?").Bind(tenant.Value, studyUid);
        while (row.Step())
        {
            keys.Add(row.Int64(0), row.Text(1));
        }
        return keys;
    }

    private static void Read(Statement row, string studyUid, Dictionary<long, string> keys, List<IndexedArrival> arrivals, bool isDeleted)
    {
        while (row.Step())
        {
            var (entry, _) = InstanceColumns.Entry(row, studyUid, arrivals.Count > 0 ? arrivals[^1].Entry : null, id => keys[id]);
            arrivals.Add(new IndexedArrival(entry, isDeleted ? DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(DeletedAt)) : null));
        }
    }
}

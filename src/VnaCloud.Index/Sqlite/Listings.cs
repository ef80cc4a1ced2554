using VnaCloud.Archive;

namespace VnaCloud.Index.Sqlite;

/// <summary>Pages of whole tables in key order.</summary>
internal static class Listings
{
    public static List<(PackRow Row, long Id)> Packs(SqliteSession session, (int Tenant, string Study, long Pack) after, int limit)
    {
        var page = new List<(PackRow, long)>();
        var row = session.Prepare("""
            SELECT tenant_id, study_uid, pack_id, ulid, object_key, length FROM pack
            WHERE (tenant_id, study_uid, pack_id) > (?, ?, ?) ORDER BY tenant_id, study_uid, pack_id LIMIT ?
            """).Bind(after.Tenant, after.Study, after.Pack, limit);
        while (row.Step())
        {
            page.Add((new PackRow(new TenantId(row.Int32(0)), row.Text(1), Ulid.Read(row.Bytes(3)), row.Text(4), row.Int64(5)), row.Int64(2)));
        }
        return page;
    }

    public static List<InstanceEntry> Instances(SqliteSession session, TenantId tenant, InstanceKey after, int limit)
    {
        var keys = new List<InstanceKey>();
        var row = session.Prepare("""
            SELECT study_uid, series_uid, sop_uid FROM instance
            WHERE tenant_id = ? AND (study_uid, series_uid, sop_uid) > (?, ?, ?) ORDER BY study_uid, series_uid, sop_uid LIMIT ?
            """).Bind(tenant.Value, after.StudyUid, after.SeriesUid, after.SopUid, limit);
        while (row.Step())
        {
            keys.Add(new InstanceKey(row.Text(0), row.Text(1), row.Text(2)));
        }
        return keys.ConvertAll(key => Locator.Find(session, null, tenant, key.StudyUid, key.SeriesUid, key.SopUid)!.Instances[0]);
    }
}

using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Upkeep;

/// <summary>Studies that changed since upkeep last looked at them.</summary>
internal static class StudyQueue
{
    public static void Touch(SqliteSession session, TenantId tenant, string studyUid, DateTimeOffset at) =>
        session.Prepare("INSERT INTO touched_study VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET touched_at = excluded.touched_at")
            .Bind(tenant.Value, studyUid, at.ToUnixTimeMilliseconds()).Run();

    /// <summary>Takes the study off, or puts it back for later, unless it was touched since it was looked at.</summary>
    public static void Examined(SqliteSession session, UpkeepChange.Examined examined)
    {
        var (tenant, study, seen) = (examined.Tenant.Value, examined.StudyUid, examined.TouchedAt.ToUnixTimeMilliseconds());
        _ = examined.Again is { } again
            ? session.Prepare("UPDATE touched_study SET touched_at = ? WHERE tenant_id = ? AND study_uid = ? AND touched_at <= ?")
                .Bind(again.ToUnixTimeMilliseconds(), tenant, study, seen).Run()
            : session.Prepare("DELETE FROM touched_study WHERE tenant_id = ? AND study_uid = ? AND touched_at <= ?").Bind(tenant, study, seen).Run();
    }

    /// <summary>The study that is due longest.</summary>
    public static (TenantId Tenant, string StudyUid, DateTimeOffset TouchedAt)? Next(SqliteSession session, DateTimeOffset touchedBefore)
    {
        var row = session.Prepare("""
            SELECT tenant_id, study_uid, touched_at FROM touched_study t WHERE touched_at <= ?
                AND EXISTS (SELECT 1 FROM pack p WHERE p.tenant_id = t.tenant_id AND p.study_uid = t.study_uid) ORDER BY touched_at LIMIT 1
            """).Bind(touchedBefore.ToUnixTimeMilliseconds());
        (TenantId, string, DateTimeOffset)? next = row.Step()
            ? (new TenantId(row.Int32(0)), row.Text(1), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(2))) : null;
        row.Reset();
        return next;
    }
}

/// <summary>Objects that the mirror lacks, in the order in which they were queued.</summary>
internal static class MirrorQueue
{
    public static void Add(SqliteSession session, string key, DateTimeOffset at) =>
        session.Prepare("INSERT INTO mirror (object_key, at) VALUES (?, ?) ON CONFLICT DO NOTHING").Bind(key, at.ToUnixTimeMilliseconds()).Run();

    public static void Remove(SqliteSession session, string key) => session.Prepare("DELETE FROM mirror WHERE object_key = ?").Bind(key).Run();

    public static List<MirrorItem> List(SqliteSession session, int limit)
    {
        var items = new List<MirrorItem>();
        var row = session.Prepare("SELECT object_key, at FROM mirror ORDER BY id LIMIT ?").Bind(limit);
        while (row.Step())
        {
            items.Add(new MirrorItem(row.Text(0), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(1))));
        }
        return items;
    }
}

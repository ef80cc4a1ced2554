using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Upkeep;

/// <summary>Leases, scrub times and quarantine marks.</summary>
internal static class Marks
{
    public static Lease? Lease(SqliteSession session, string job, string holder, TimeSpan duration, DateTimeOffset now)
    {
        var until = now + duration;
        var row = session.Prepare("SELECT holder, fence, expires_at FROM lease WHERE job = ?").Bind(job);
        (string Holder, long Fence, long Expires)? current = row.Step() ? (row.Text(0), row.Int64(1), row.Int64(2)) : null;
        row.Reset();
        if (current is { } other && other.Holder != holder && other.Expires > now.ToUnixTimeMilliseconds())
        {
            return null;
        }
        var fence = current is { } own && own.Holder == holder ? own.Fence : (current?.Fence ?? 0) + 1;
        session.Prepare("INSERT INTO lease VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET holder = excluded.holder, fence = excluded.fence, expires_at = excluded.expires_at")
            .Bind(job, holder, fence, until.ToUnixTimeMilliseconds()).Run();
        return new Lease(fence, until);
    }

    /// <exception cref="StaleChangeException">The pack is not known.</exception>
    public static void Scrubbed(IndexTransaction transaction, UpkeepChange.Scrubbed scrubbed)
    {
        var (session, tenant, now) = (transaction.Session, scrubbed.Tenant.Value, transaction.Now.ToUnixTimeMilliseconds());
        if (session.Prepare("UPDATE pack SET scrubbed_at = ? WHERE tenant_id = ? AND object_key = ?").Bind(now, tenant, scrubbed.Key).Run() == 0)
        {
            throw new StaleChangeException();
        }
        session.Prepare("DELETE FROM quarantine WHERE tenant_id = ? AND object_key = ?").Bind(tenant, scrubbed.Key).Run();
        foreach (var part in scrubbed.Quarantined)
        {
            session.Prepare("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING").Bind(tenant, scrubbed.Key, part.Origin.ToBytes(),
                (int)part.Part, part.Key.StudyUid, part.Key.SeriesUid, part.Key.SopUid, part.Reason, now).Run();
        }
    }

    public static List<QuarantinedPart> Quarantined(SqliteSession session, int limit)
    {
        var parts = new List<QuarantinedPart>();
        var row = session.Prepare("SELECT study_uid, series_uid, sop_uid, origin, part, reason FROM quarantine ORDER BY at, object_key LIMIT ?").Bind(limit);
        while (row.Step())
        {
            parts.Add(new QuarantinedPart(new InstanceKey(row.Text(0), row.Text(1), row.Text(2)), Origin.Read(row.Bytes(3)), (StoredPart)row.Int32(4), row.Text(5)));
        }
        return parts;
    }
}

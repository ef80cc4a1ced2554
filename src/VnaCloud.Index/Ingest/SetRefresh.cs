using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// Counts the live instances of attribute sets and keeps their smallest origin. A set stays when its last instance is deleted: a restore
/// needs it.
/// </summary>
internal static class SetRefresh
{
    private const string Key = "tenant_id = ? AND study_uid = ? AND series_uid = ? AND set_id = ?";

    /// <summary>Whether the attributes of series and study may have changed.</summary>
    public static bool Run(SqliteSession session, StudyDelta delta, string seriesUid, SeriesDelta series)
    {
        var changed = false;
        foreach (var (setId, set) in series.Sets)
        {
            var key = new SetKey(delta.Tenant.Value, delta.StudyUid, seriesUid, setId);
            changed |= Load(session, key) is { } old ? Update(session, key, old, set) : Insert(session, key, set);
        }
        return changed;
    }

    /// <summary>Keeps a set without live instances, for arrivals that are deleted from the start.</summary>
    public static void Keep(SqliteSession session, TenantId tenant, InstanceKey key, long setId, byte[] json, Origin origin) =>
        session.Prepare("INSERT INTO attribute_set VALUES (?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO NOTHING")
            .Bind(tenant.Value, key.StudyUid, key.SeriesUid, setId, origin.ToBytes(), json).Run();

    private static (long Count, Origin Min)? Load(SqliteSession session, SetKey key)
    {
        var row = session.Prepare($"SELECT live_count, min_origin FROM attribute_set WHERE {Key}").Bind(key.Tenant, key.Study, key.Series, key.Set);
        (long, Origin)? found = row.Step() ? (row.Int64(0), Origin.Read(row.Bytes(1))) : null;
        row.Reset();
        return found;
    }

    private static bool Insert(SqliteSession session, SetKey key, SetDelta set)
    {
        session.Prepare("INSERT INTO attribute_set VALUES (?, ?, ?, ?, ?, ?, ?)")
            .Bind(key.Tenant, key.Study, key.Series, key.Set, set.Count, set.MinAdded!.Value.ToBytes(), set.Json!).Run();
        return true;
    }

    private static bool Update(SqliteSession session, SetKey key, (long Count, Origin Min) old, SetDelta set)
    {
        var count = old.Count + set.Count;
        var min = set.HasRemovals ? FromRows(session, key) ?? old.Min
            : old.Count == 0 || set.MinAdded!.Value.CompareTo(old.Min) < 0 ? set.MinAdded!.Value
            : old.Min;
        session.Prepare($"UPDATE attribute_set SET live_count = ?, min_origin = ? WHERE {Key}")
            .Bind(count, min.ToBytes(), key.Tenant, key.Study, key.Series, key.Set).Run();
        return (old.Count == 0) != (count == 0) || min != old.Min;
    }

    private static Origin? FromRows(SqliteSession session, SetKey key)
    {
        var row = session.Prepare($"SELECT min(origin) FROM instance WHERE {Key}").Bind(key.Tenant, key.Study, key.Series, key.Set);
        Origin? min = row.Step() && !row.IsNull(0) ? Origin.Read(row.Bytes(0)) : null;
        row.Reset();
        return min;
    }

    private readonly record struct SetKey(int Tenant, string Study, string Series, long Set);
}

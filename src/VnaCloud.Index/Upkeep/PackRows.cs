using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Upkeep;

/// <summary>Selections of packs.</summary>
internal static class PackRows
{
    private const string Columns = "tenant_id, study_uid, object_key, length, scrubbed_at";

    private const string RetiredColumns = "tenant_id, study_uid, object_key, length, not_before";

    public static List<IndexedPack> Select(SqliteSession session, PackSelection selection, DateTimeOffset now) => selection switch
    {
        PackSelection.ByKeys byKeys => [.. byKeys.Keys.SelectMany(key => ByKey(session, byKeys.Tenant, key))],
        PackSelection.ByOrder order => Read(session.Prepare($"SELECT {Columns} FROM pack WHERE tenant_id = ? AND object_key > ? ORDER BY object_key LIMIT ?")
            .Bind(order.Tenant.Value, order.After, order.Limit), Referenced),
        PackSelection.Unscrubbed unscrubbed => Read(session.Prepare($"SELECT {Columns} FROM pack WHERE scrubbed_at < ? ORDER BY scrubbed_at LIMIT ?")
            .Bind(unscrubbed.Before.ToUnixTimeMilliseconds(), unscrubbed.Limit), Referenced),
        PackSelection.Retired retired => Read(session.Prepare($"SELECT {RetiredColumns} FROM retired_pack WHERE not_before <= ? ORDER BY not_before LIMIT ?")
            .Bind(now.ToUnixTimeMilliseconds(), retired.Limit), Retired),
        PackSelection.OfQuietStudy quiet => StudyQueue.Next(session, now - quiet.Quiet) is { } next ? OfStudy(session, next) : [],
        _ => throw new ArgumentException($"{selection} is not a selection.", nameof(selection)),
    };

    private static List<IndexedPack> ByKey(SqliteSession session, TenantId tenant, string key)
    {
        var found = Read(session.Prepare($"SELECT {Columns} FROM pack WHERE tenant_id = ? AND object_key = ?").Bind(tenant.Value, key), Referenced);
        return found.Count > 0 ? found
            : Read(session.Prepare($"SELECT {RetiredColumns} FROM retired_pack WHERE tenant_id = ? AND object_key = ?").Bind(tenant.Value, key), Retired);
    }

    private static List<IndexedPack> OfStudy(SqliteSession session, (TenantId Tenant, string StudyUid, DateTimeOffset TouchedAt) study) =>
        Read(session.Prepare($"SELECT {Columns} FROM pack WHERE tenant_id = ? AND study_uid = ? ORDER BY object_key")
            .Bind(study.Tenant.Value, study.StudyUid), row => Referenced(row) with { TouchedAt = study.TouchedAt });

    private static List<IndexedPack> Read(Statement row, Func<Statement, IndexedPack> read)
    {
        var packs = new List<IndexedPack>();
        while (row.Step())
        {
            packs.Add(read(row));
        }
        return packs;
    }

    private static IndexedPack Referenced(Statement row) => Known(row) with { ScrubbedAt = Time(row) };

    private static IndexedPack Retired(Statement row) => Known(row) with { NotBefore = Time(row) };

    private static IndexedPack Known(Statement row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        StudyUid = row.Text(1),
        Key = row.Text(2),
        Length = row.Int64(3),
    };

    private static DateTimeOffset Time(Statement row) => DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(4));
}

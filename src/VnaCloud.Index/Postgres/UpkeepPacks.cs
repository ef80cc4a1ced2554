using Npgsql;
using VnaCloud.Archive;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Selections of packs.</summary>
internal static class UpkeepPacks
{
    private const string Referenced = "SELECT p.tenant_id, p.study_uid, p.object_key, p.length, p.scrubbed_at, NULL::bigint, NULL::bigint FROM";

    private const string Retired = "SELECT r.tenant_id, r.study_uid, r.object_key, r.length, NULL::bigint, r.not_before, NULL::bigint FROM";

    // Times are those of the database, unless a test gives one.
    private const string Now = "coalesce(nullif($1, 0), (extract(epoch FROM clock_timestamp()) * 1000)::bigint)";

    private const string ByKeys = $"""
        {Referenced} unnest($2) AS k (key) JOIN pack p ON p.tenant_id = $1 AND p.object_key = k.key
        UNION ALL {Retired} unnest($2) AS k (key) JOIN retired_pack r ON r.tenant_id = $1 AND r.object_key = k.key
            WHERE NOT EXISTS (SELECT 1 FROM pack p WHERE p.tenant_id = $1 AND p.object_key = k.key)
        """;

    private const string ByOrder = $"{Referenced} pack p WHERE p.tenant_id = $1 AND p.object_key > $2 ORDER BY p.object_key LIMIT $3";

    private const string Unscrubbed = $"{Referenced} pack p WHERE p.scrubbed_at < $1 ORDER BY p.scrubbed_at LIMIT $2";

    private const string Due = $"{Retired} retired_pack r WHERE r.not_before <= {Now} ORDER BY r.not_before LIMIT $2";

    private const string OfQuietStudy = $"""
        WITH next AS MATERIALIZED (
            SELECT t.tenant_id, t.study_uid, t.touched_at FROM touched_study t WHERE t.touched_at <= {Now} - $2
                AND EXISTS (SELECT 1 FROM pack p WHERE p.tenant_id = t.tenant_id AND p.study_uid = t.study_uid) ORDER BY t.touched_at LIMIT 1)
        SELECT p.tenant_id, p.study_uid, p.object_key, p.length, p.scrubbed_at, NULL::bigint, next.touched_at
        FROM next JOIN pack p ON p.tenant_id = next.tenant_id AND p.study_uid = next.study_uid ORDER BY p.object_key
        """;

    public static void Add(NpgsqlBatch batch, PackSelection selection, PostgresIndexOptions options)
    {
        var now = Value(options.Clock?.GetUtcNow().ToUnixTimeMilliseconds() ?? 0);
        switch (selection)
        {
            case PackSelection.ByKeys keys:
                batch.Add(ByKeys, Value(keys.Tenant.Value), Value(keys.Keys.ToArray()));
                break;
            case PackSelection.ByOrder order:
                batch.Add(ByOrder, Value(order.Tenant.Value), Value(order.After), Value(order.Limit));
                break;
            case PackSelection.Unscrubbed unscrubbed:
                batch.Add(Unscrubbed, Value(unscrubbed.Before.ToUnixTimeMilliseconds()), Value(unscrubbed.Limit));
                break;
            case PackSelection.Retired retired:
                batch.Add(Due, now, Value(retired.Limit));
                break;
            case PackSelection.OfQuietStudy quiet:
                batch.Add(OfQuietStudy, now, Value((long)quiet.Quiet.TotalMilliseconds));
                break;
            default:
                throw new ArgumentException($"{selection} is not a selection.", nameof(selection));
        }
    }

    public static IndexedPack Read(NpgsqlDataReader row) => new()
    {
        Tenant = new TenantId(row.GetInt32(0)),
        StudyUid = row.GetString(1),
        Key = row.GetString(2),
        Length = row.GetInt64(3),
        ScrubbedAt = Time(row, 4) ?? default,
        NotBefore = Time(row, 5),
        TouchedAt = Time(row, 6) ?? default,
    };

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}

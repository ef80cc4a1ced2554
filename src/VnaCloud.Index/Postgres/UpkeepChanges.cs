using Npgsql;
using VnaCloud.Archive;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Changes of upkeep that are a few statements; and leases.</summary>
internal static class UpkeepChanges
{
    private const string Again = "UPDATE touched_study SET touched_at = $4 WHERE tenant_id = $1 AND study_uid = $2 AND touched_at <= $3";

    private const string Done = "DELETE FROM touched_study WHERE tenant_id = $1 AND study_uid = $2 AND touched_at <= $3";

    private const string Unmark = """
        DELETE FROM quarantine q USING pack p WHERE p.tenant_id = $1 AND p.object_key = $2
            AND q.tenant_id = p.tenant_id AND q.study_uid = p.study_uid AND q.object_key = p.object_key
        """;

    private const string Mark = """
        INSERT INTO quarantine (tenant_id, study_uid, object_key, origin, part, series_uid, sop_uid, reason, at)
            SELECT p.tenant_id, p.study_uid, p.object_key, k.o, k.p, k.r, k.i, k.why, $3 FROM pack p, unnest($4, $5, $6, $7, $8) AS k (o, p, r, i, why)
            WHERE p.tenant_id = $1 AND p.object_key = $2
        ON CONFLICT DO NOTHING
        """;

    // The row is locked by the conflict, and its holder compared as it is then: of many who ask at once one gets it.
    private const string Take = """
        INSERT INTO lease AS l (job, holder, fence, expires_at) VALUES ($1, $2, 1, $3 + $4)
        ON CONFLICT (job) DO UPDATE SET fence = CASE l.holder WHEN excluded.holder THEN l.fence ELSE l.fence + 1 END, holder = excluded.holder,
            expires_at = excluded.expires_at WHERE l.holder = excluded.holder OR l.expires_at <= $3
        RETURNING fence, expires_at
        """;

    public static void Add(NpgsqlBatch batch, UpkeepChange change, DateTimeOffset now)
    {
        switch (change)
        {
            case UpkeepChange.Collected collected:
                batch.Add("DELETE FROM retired_pack WHERE tenant_id = $1 AND object_key = ANY ($2)", Value(collected.Tenant.Value), Value(collected.Keys.ToArray()));
                break;
            case UpkeepChange.Examined examined:
                AddExamined(batch, examined);
                break;
            case UpkeepChange.Scrubbed scrubbed:
                AddScrubbed(batch, scrubbed, now.ToUnixTimeMilliseconds());
                break;
            case UpkeepChange.Mirrored mirrored:
                UpkeepWriter.AddMirror(batch, [.. mirrored.Queued], now);
                batch.Add("DELETE FROM mirror WHERE object_key = ANY ($1)", Value(mirrored.Copied.ToArray()));
                break;
            case UpkeepChange.EpochBegun begun:
                batch.Add("UPDATE archive SET epoch = greatest(epoch + 1, $1)", Value(now.ToUnixTimeSeconds()));
                UpkeepWriter.RaiseDecisions(batch, begun.LastDecision);
                break;
            case UpkeepChange.EpochClean clean:
                batch.Add("UPDATE archive SET clean_epoch = epoch WHERE epoch = $1 OR $1 < 0", Value(clean.Epoch ?? -1));
                break;
            default:
                throw new ArgumentException($"{change} is not a change.", nameof(change));
        }
    }

    public static async Task<Lease?> LeaseAsync(NpgsqlConnection connection, string job, string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Take, Value(job), Value(holder), Value(now.ToUnixTimeMilliseconds()), Value((long)duration.TotalMilliseconds));
        batch.Add("COMMIT");
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        Lease? lease = null;
        await RowLoader.EachAsync(reader, row => lease = new Lease(row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))), cancellation);
        return lease;
    }

    private static void AddExamined(NpgsqlBatch batch, UpkeepChange.Examined examined)
    {
        var (tenant, study, seen) = (Value(examined.Tenant.Value), Value(examined.StudyUid), Value(examined.TouchedAt.ToUnixTimeMilliseconds()));
        if (examined.Again is { } again)
        {
            batch.Add(Again, tenant, study, seen, Value(again.ToUnixTimeMilliseconds()));
        }
        else
        {
            batch.Add(Done, tenant, study, seen);
        }
    }

    // The first statement tells whether the pack is known; without it the others find nothing to do.
    private static void AddScrubbed(NpgsqlBatch batch, UpkeepChange.Scrubbed scrubbed, long now)
    {
        var (tenant, key, parts) = (scrubbed.Tenant.Value, scrubbed.Key, scrubbed.Quarantined);
        batch.Add("UPDATE pack SET scrubbed_at = $3 WHERE tenant_id = $1 AND object_key = $2", Value(tenant), Value(key), Value(now));
        batch.Add(Unmark, Value(tenant), Value(key));
        batch.Add(Mark, Value(tenant), Value(key), Value(now), Column(parts, static part => part.Origin.ToBytes()), Column(parts, static part => (int)part.Part),
            Column(parts, static part => part.Key.SeriesUid), Column(parts, static part => part.Key.SopUid), Column(parts, static part => part.Reason));
    }
}

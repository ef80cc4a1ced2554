using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>What a commit or decision leaves for upkeep, within its own last round trip.</summary>
internal static class UpkeepWriter
{
    private const string Touch = """
        INSERT INTO touched_study SELECT * FROM unnest($1, $2, $3)
        ON CONFLICT (tenant_id, study_uid) DO UPDATE SET touched_at = excluded.touched_at
        """;

    private const string Mirror = "INSERT INTO mirror (object_key, at) SELECT k, $2 FROM unnest($1) AS u (k) ON CONFLICT DO NOTHING";

    private const string RaiseVersion = "SELECT setval('content_version', $1) FROM content_version WHERE last_value < $1";

    // In slots as the totals are: duplicates decide too, and so nearly every commit would wait for the one row.
    private const string Decide = """
        INSERT INTO last_decision AS l VALUES (pg_backend_pid() % 64, $1)
        ON CONFLICT (slot) DO UPDATE SET decision = greatest(l.decision, excluded.decision)
        """;

    public static void Add(NpgsqlBatch batch, LoadedRows rows, bool mirror)
    {
        var writes = rows.Writes;
        if (writes.Touched.Count > 0)
        {
            batch.Add(Touch, Column(writes.Touched, static row => row.Tenant), Column(writes.Touched, static row => row.Study),
                Column(writes.Touched, static row => row.At));
        }
        if (mirror && writes.Packs.Count > 0)
        {
            AddMirror(batch, [.. writes.Packs.Select(static pack => pack.Key)], rows.Now);
        }
        if (writes.RaiseVersion > 0)
        {
            batch.Add(RaiseVersion, Value(writes.RaiseVersion));
        }
        if (writes.LastDecision != default)
        {
            batch.Add(Decide, Value(IngestTransaction.Bytes(writes.LastDecision)));
        }
    }

    public static void AddMirror(NpgsqlBatch batch, string[] keys, DateTimeOffset at) => batch.Add(Mirror, Value(keys), Value(at.ToUnixTimeMilliseconds()));

    /// <summary>Later decisions get larger ids than this one.</summary>
    public static void RaiseDecisions(NpgsqlBatch batch, Ulid last)
    {
        batch.Add(RaiseVersion, Value(LoadedRows.VersionBehind(last)));
        batch.Add(Decide, Value(IngestTransaction.Bytes(last)));
    }
}

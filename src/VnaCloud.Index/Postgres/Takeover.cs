using Npgsql;
using VnaCloud.Archive;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Notices that another copy of the database has taken the place of the one that was written to before: a standby that was promoted, a backup
/// that was restored, a dump in another cluster. It may lack what the other had committed last. Every transaction that writes looks, and the
/// first begins an unclean epoch before anything is written: nothing is collected, and readers of the change feed start anew, until the store
/// was compared with the index (docs/adr/0011).
/// </summary>
internal static class Takeover
{
    public const string NoDecision = @"'\x00000000000000000000000000000000'::bytea";

    private const string TimelineId = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

    /// <summary>Names what is written to: the cluster, and its timeline, which every promotion and every recovery to a point in time changes.</summary>
    public const string Timeline = $"(pg_control_system()).system_identifier || '/' || {TimelineId}";

    /// <summary>True behind a takeover that nobody has written down; of the row takeover. A standby has no timeline of its own.</summary>
    public const string IsNew = $"CASE WHEN pg_is_in_recovery() THEN false ELSE timeline <> {Timeline} END";

    /// <summary>The same for every transaction that writes: the cluster's name is a file that is read, and left to <see cref="IsNew"/>.</summary>
    public const string IsNewTimeline = $"right(timeline, 8) <> {TimelineId}";

    // What the index misses lies between the decisions that it had and the first of its own. The counter goes past what the other copy may have
    // given out: caches are keyed by it. A takeover among others begins where the first of them did; an index that was not complete before has
    // no decision that it can be sure of. Decisions are compared by the millisecond: its own begin with a new one.
    private const string Enter = $"""
        UPDATE takeover SET timeline = {Timeline}, begun_epoch = greatest(a.epoch + 1, extract(epoch FROM clock_timestamp())::bigint),
            known_decision = CASE WHEN a.clean_epoch = a.epoch THEN coalesce((SELECT decision FROM last_decision ORDER BY decision DESC LIMIT 1), {NoDecision})
                WHEN begun_epoch = a.epoch THEN known_decision ELSE {NoDecision} END,
            own_version = setval('content_version', (SELECT (greatest(last_value, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) / 1000 + 2) * 1000 FROM content_version))
        FROM archive a WHERE {IsNew}
        """;

    private const string BeginEpoch = "UPDATE archive SET epoch = begun_epoch FROM takeover WHERE begun_epoch > epoch";

    /// <summary>Begins the new epoch where there was a takeover; else, or where another was first, nothing happens.</summary>
    public static void AddEnter(NpgsqlBatch batch)
    {
        batch.Add("BEGIN ISOLATION LEVEL READ COMMITTED");
        batch.Add(Enter);
        batch.Add(BeginEpoch);
        batch.Add("COMMIT");
    }

    public static async Task EnterAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        AddEnter(batch);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>What <see cref="UpkeepState.Missed"/> says, of the columns known_decision and own_version.</summary>
    public static MissedDecisions Read(byte[] known, long own) => new(Ulid.Read(known), DateTimeOffset.UnixEpoch.AddMicroseconds(own));
}

/// <summary>The transaction met a takeover: it runs again behind the beginning of the new epoch.</summary>
internal sealed class TakenOverException() : Exception("Another copy of the database has taken over.");

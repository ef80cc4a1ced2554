using Npgsql;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Gives a search a connection to the replica together with the position that the primary had reached when the search began. The search
/// may be answered there only when the replica has replayed it: what was acknowledged before a search is found by it, wherever it runs.
/// </summary>
internal sealed class ReplicaGate(PostgresDatabase database, PostgresIndexOptions options)
{
    /// <summary>True on a replica that has replayed $1; one that was promoted is none any more.</summary>
    public const string HasReplayed = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $1::pg_lsn";

    /// <summary>A replica that did not answer is left alone for so long.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private long _failedAt;
    private volatile bool _failed;

    /// <summary>Null where there is no replica, or none that answers.</summary>
    public async Task<(NpgsqlConnection Connection, string Written)?> TryOpenAsync(CancellationToken cancellation)
    {
        if (database.Replica is null || IsPaused())
        {
            return null;
        }
        await using var ask = database.Primary.CreateCommand("SELECT pg_current_wal_lsn()::text");
        var written = (string)(await ask.ExecuteScalarAsync(cancellation))!;
        try
        {
            return (await database.Replica.OpenConnectionAsync(cancellation), written);
        }
        catch (Exception error) when (PostgresErrors.Of(error) != Trouble.None)
        {
            Failed();
            return null;
        }
    }

    /// <summary>The replica did not do what it was asked to.</summary>
    public void Failed()
    {
        _failedAt = options.Time.GetTimestamp();
        _failed = true;
    }

    private bool IsPaused()
    {
        if (_failed && options.Time.GetElapsedTime(_failedAt) > Pause)
        {
            _failed = false;
        }
        return _failed;
    }
}

/// <summary>The replica has not replayed what the search has to see.</summary>
internal sealed class ReplicaBehindException() : Exception("The replica is behind.");

using Npgsql;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Opens a connection for a search: to the replica when it has replayed all that the primary had written when the search began, else to
/// the primary. What was acknowledged before the search is then found by it, wherever it is answered.
/// </summary>
internal sealed class ReplicaGate(PostgresDatabase database, PostgresIndexOptions options)
{
    /// <summary>A replica that did not answer is left alone for so long.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private long _pausedAt;
    private volatile bool _paused;

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        if (database.Replica is null || IsPaused())
        {
            return await database.Primary.OpenConnectionAsync(cancellation);
        }
        var primary = await database.Primary.OpenConnectionAsync(cancellation);
        NpgsqlConnection? replica = null;
        try
        {
            await using var ask = new NpgsqlCommand("SELECT pg_current_wal_lsn()::text", primary);
            var written = (string)(await ask.ExecuteScalarAsync(cancellation))!;
            replica = await TryReplicaAsync(written, cancellation);
        }
        catch
        {
            await primary.DisposeAsync();
            throw;
        }
        if (replica is null)
        {
            return primary;
        }
        await primary.DisposeAsync();
        return replica;
    }

    private async Task<NpgsqlConnection?> TryReplicaAsync(string written, CancellationToken cancellation)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await database.Replica!.OpenConnectionAsync(cancellation);
            // A replica that was promoted has no position of replay: it is not one any more.
            await using var command = new NpgsqlCommand("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $1::pg_lsn", connection);
            command.Parameters.Add(Batches.Value(written));
            if (await command.ExecuteScalarAsync(cancellation) is true)
            {
                return connection;
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            _pausedAt = options.Time.GetTimestamp();
            _paused = true;
        }
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
        return null;
    }

    private bool IsPaused()
    {
        if (_paused && options.Time.GetElapsedTime(_pausedAt) > Pause)
        {
            _paused = false;
        }
        return _paused;
    }
}

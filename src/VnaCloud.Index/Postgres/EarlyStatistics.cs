using Npgsql;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// Lets the planner look at a young database. Without statistics all indexes that begin with the tenant look alike to it, and it may take
/// one that walks all studies of the tenant for each that a commit touches; autovacuum comes by only after up to a minute.
/// </summary>
internal sealed class EarlyStatistics(PostgresDatabase database) : IAsyncDisposable
{
    /// <summary>After so many new studies for the first time, then after ten times as many.</summary>
    private const long First = 8;

    /// <summary>Studies in a database that autovacuum knows well enough.</summary>
    private const int Many = 10_000;

    // Those with several indexes that begin with the tenant.
    private static readonly string[] Tables = ["study", "series"];

    private readonly Lock _lock = new();
    private long _studies;
    private long _next = First;
    private Task _running = Task.CompletedTask;

    /// <summary>Counts studies that a commit made; does not wait for what follows from it.</summary>
    public void Count(long studies)
    {
        lock (_lock)
        {
            _studies += studies;
            if (_studies >= _next && _running.IsCompleted)
            {
                _next = _studies * 10;
                _running = Task.Run(RunAsync);
            }
        }
    }

    /// <summary>Waits for what is under way.</summary>
    public async ValueTask DisposeAsync() => await _running;

    private async Task RunAsync()
    {
        try
        {
            await using var connection = await database.Primary.OpenConnectionAsync();
            await using var known = new NpgsqlCommand($"SELECT reltuples >= {Many} FROM pg_class WHERE oid = 'study'::regclass", connection);
            if (await known.ExecuteScalarAsync() is true)
            {
                return;
            }
            foreach (var table in Tables)
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.Add("BEGIN");
                batch.Add("SELECT set_config('lock_timeout', '1s', true), set_config('statement_timeout', '10s', true)");
                batch.Add($"ANALYZE {table}");
                batch.Add("COMMIT");
                await batch.ExecuteNonQueryAsync();
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            // Autovacuum will do it.
        }
    }
}

using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace VnaCloud.Index.Sqlite;

/// <summary>The one connection that writes, one caller at a time.</summary>
internal sealed class SqliteWriter(SqliteSession session, ReadPool readers) : IAsyncDisposable
{
    /// <summary>First number of changed rows after which the planner's statistics are taken again; then at each doubling.</summary>
    private const int FirstAnalysis = 1_000;

    private readonly SemaphoreSlim _gate = new(1);
    private long _analyzeAt = FirstAnalysis;

    /// <summary>Waits for its turn, then runs on a pool thread: SQLite waits for the disk synchronously.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() =>
            {
                var result = write(session);
                AnalyzeWhenGrown();
                return result;
            }, CancellationToken.None);
        }
        catch (SqliteException error) when (SqliteErrors.AsDiskTrouble(error) is { } trouble)
        {
            throw trouble;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>All or nothing.</summary>
    public static T InTransaction<T>(SqliteSession session, Func<T> write)
    {
        session.Run("BEGIN IMMEDIATE");
        try
        {
            var result = write();
            session.Run("COMMIT");
            return result;
        }
        catch (Exception error)
        {
            if (raw.sqlite3_get_autocommit(session.Connection.Handle!) == 0) // some errors have rolled back already
            {
                session.ResetAll();
                session.Run("ROLLBACK");
            }
            if (error is SqliteException sqlite && SqliteErrors.AsDiskTrouble(sqlite) is { } trouble)
            {
                throw trouble;
            }
            throw;
        }
    }

    /// <summary>Takes the planner's statistics.</summary>
    public void Analyze()
    {
        session.Run("ANALYZE");
        readers.Renew();
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        session.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        session.Dispose();
        _gate.Dispose();
    }

    // With analysis_limit set this reads some pages of each index: milliseconds, some twenty times in the life of an archive.
    private void AnalyzeWhenGrown()
    {
        if (raw.sqlite3_total_changes(session.Connection.Handle!) >= _analyzeAt)
        {
            _analyzeAt *= 2;
            Analyze();
        }
    }
}

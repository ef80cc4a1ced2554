using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace VnaCloud.Index.Sqlite;

/// <summary>The one connection that writes, one caller at a time.</summary>
internal sealed class SqliteWriter(SqliteSession session) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private bool _closed;

    /// <summary>Waits for its turn, then runs on a pool thread: SQLite waits for the disk synchronously.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return await Task.Run(() => write(session), CancellationToken.None);
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

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        if (!_closed)
        {
            _closed = true;
            session.Run("PRAGMA wal_checkpoint(TRUNCATE)");
            session.Dispose();
        }
        _gate.Release();
    }
}

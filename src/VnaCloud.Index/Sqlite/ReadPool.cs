using System.Collections.Concurrent;

namespace VnaCloud.Index.Sqlite;

/// <summary>Sessions for reading: in WAL mode they run beside the writer and beside each other.</summary>
internal sealed class ReadPool(int size, Func<int, SqliteSession> open) : IDisposable
{
    private readonly SemaphoreSlim _places = new(size);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile int _generation;

    /// <summary>Idle sessions are closed when they are next met: they hold the planner's old statistics.</summary>
    public void Renew() => Interlocked.Increment(ref _generation);

    /// <summary>Runs <paramref name="read"/> in one snapshot. SQLite reads synchronously; the wait is only for a free session.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        SqliteSession? session = null;
        try
        {
            session = Take();
            session.Run("BEGIN");
            var result = read(session);
            session.Run("COMMIT");
            _idle.Add(session);
            session = null;
            return result;
        }
        finally
        {
            session?.Dispose(); // after an error its transaction may still be open
            _places.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
        _places.Dispose();
    }

    private SqliteSession Take()
    {
        while (_idle.TryTake(out var session))
        {
            if (session.Generation == _generation)
            {
                return session;
            }
            session.Dispose();
        }
        return open(_generation);
    }
}

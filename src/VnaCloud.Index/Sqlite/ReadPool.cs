using System.Collections.Concurrent;

namespace VnaCloud.Index.Sqlite;

/// <summary>Sessions for reading: in WAL mode they run beside the writer and beside each other.</summary>
internal sealed class ReadPool(int size, Func<SqliteSession> open) : IDisposable
{
    private readonly SemaphoreSlim _places = new(size);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _closed;

    /// <summary>Runs <paramref name="read"/> in one snapshot. SQLite reads synchronously; the wait is only for a free session.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        SqliteSession? session = null;
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            session = _idle.TryTake(out var idle) ? idle : open();
            session.Run("BEGIN");
            var result = read(session);
            session.Run("COMMIT");
            if (!_closed)
            {
                _idle.Add(session);
                session = null;
            }
            return result;
        }
        finally
        {
            session?.Dispose(); // after an error its transaction may still be open
            _places.Release();
        }
    }

    /// <summary>Closes what is idle; a session that is in use is closed when it comes back.</summary>
    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace VnaCloud.Index.Sqlite;

/// <summary>One open connection with its prepared statements and, once a search needs it, its context. Used by one caller at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, Statement> _statements = new(ReferenceEqualityComparer.Instance);
    private readonly delegate_progress _onProgress;
    private SqliteIndexDb? _db;
    private readonly TimeProvider _time;
    private long _limit;
    private long _deadline = long.MaxValue;
    private CancellationToken _cancellation;

    public SqliteSession(SqliteConnection connection, TimeProvider time)
    {
        Connection = connection;
        _time = time;
        _onProgress = _ => _cancellation.IsCancellationRequested || (_deadline != long.MaxValue && time.GetTimestamp() > _deadline) ? 1 : 0;
        // Every thousand instructions of SQLite's machine, some tens of microseconds.
        raw.sqlite3_progress_handler(connection.Handle!, 1_000, _onProgress, null!);
    }

    public SqliteConnection Connection { get; }

    public SqliteIndexDb Db => _db ??= new SqliteIndexDb(new DbContextOptionsBuilder<SqliteIndexDb>(Options(Connection)).AddInterceptors(new StatementClock(this)).Options);

    /// <summary>The prepared form of a constant statement.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = new Statement(Connection.Handle!, sql));
        }
        return statement;
    }

    /// <summary>Runs a statement without parameters or results.</summary>
    public void Run(string sql) => Prepare(sql).Bind().Run();

    /// <summary>Lets go of every row that is still open.</summary>
    public void ResetAll()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Reset();
        }
    }

    /// <summary>From now on SQLite stops with SQLITE_INTERRUPT when this is cancelled or a statement has run for so long.</summary>
    public void Watch(TimeSpan limit, CancellationToken cancellation)
    {
        _limit = (long)(limit.TotalSeconds * _time.TimestampFrequency);
        _cancellation = cancellation;
        RestartClock();
    }

    /// <summary>A statement begins: translating a query for the first time is not the database's time.</summary>
    public void RestartClock() => _deadline = _limit > 0 ? _time.GetTimestamp() + _limit : long.MaxValue;

    public void Unwatch() => Watch(TimeSpan.Zero, CancellationToken.None);

    public static DbContextOptions<SqliteIndexDb> Options(SqliteConnection connection) => new DbContextOptionsBuilder<SqliteIndexDb>()
        .UseSqlite(connection)
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
        // Migrations are SQL written by hand; there is no snapshot to compare the model with.
        .ConfigureWarnings(static warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
        .Options;

    public void Dispose()
    {
        _db?.Dispose();
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }
        Connection.Dispose();
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;
using VnaCloud.Index.Migrations;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Sqlite;

/// <summary>Opens the file: lock, format, check, schema, connections.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    /// <summary>"VNAC", in the file's header since the first migration: tells our files from any other SQLite file.</summary>
    private const int ApplicationId = 0x564E_4143;

    private readonly SqliteIndexOptions _options;
    private readonly FileStream? _lock;

    private SqliteDatabase(SqliteIndexOptions options, FileStream? processLock)
    {
        _options = options;
        _lock = processLock;
    }

    public static SqliteDatabase Open(SqliteIndexOptions options, CancellationToken cancellation)
    {
        var database = new SqliteDatabase(options, options.ReadOnly ? null : TakeLock(options.Path));
        try
        {
            database.Prepare(cancellation);
            return database;
        }
        catch (Exception error)
        {
            database.Dispose();
            throw error switch
            {
                SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT } => Damaged(options, error.Message, error),
                SqliteException => new IndexOpenException($"The index {options.Path} cannot be opened: {error.Message}", error),
                _ => error,
            };
        }
    }

    /// <summary>A new connection, set up.</summary>
    public SqliteSession Connect(bool write)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _options.Path,
            Mode = write ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 10,
        }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA busy_timeout = 10000; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");
            if (write)
            {
                // FULL: the log is synced before a commit returns, which is what an acknowledgement rests on.
                Execute(connection, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000"
                    + (_options.MaxPages > 0 ? $"; PRAGMA max_page_count = {_options.MaxPages}" : ""));
            }
            return new SqliteSession(connection, _options.Time);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock?.Dispose();

    // One writer process: a second server on the same folder would also write packs and the journal. The lock is the kernel's, so it ends
    // with the process, however that ends.
    private static FileStream TakeLock(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, "index.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IndexOpenException($"The index {path} is in use by another process. Stop that one first, or choose another data folder.", error);
        }
    }

    private void Prepare(CancellationToken cancellation)
    {
        var file = new FileInfo(_options.Path);
        if (_options.ReadOnly && !file.Exists)
        {
            throw new IndexOpenException($"There is no index at {_options.Path}.");
        }
        var log = new FileInfo(_options.Path + "-wal");
        var unclean = log is { Exists: true, Length: > 0 };
        if (file is { Exists: true, Length: > 0 })
        {
            Recognize(); // before a writing connection changes as much as the journal mode of what is not ours
        }
        using var session = Connect(!_options.ReadOnly);
        if (!_options.ReadOnly && unclean && file.Length <= _options.CheckLimit)
        {
            Check(session);
        }
        Upgrade(session, cancellation);
    }

    private void Check(SqliteSession session)
    {
        var statement = session.Prepare("PRAGMA quick_check(1)").Bind();
        var result = statement.Step() ? statement.Text(0) : "";
        statement.Reset();
        if (result != "ok")
        {
            throw Damaged(_options, result);
        }
    }

    private void Recognize()
    {
        using var session = Connect(write: false);
        if (HasTables(session) && session.Prepare("PRAGMA application_id").Bind().Scalar() != ApplicationId)
        {
            throw new IndexOpenException($"{_options.Path} is not an index of VnaCloud. Choose another path.");
        }
    }

    private static bool HasTables(SqliteSession session) => session.Prepare("SELECT 1 FROM sqlite_master WHERE type = 'table'").Bind().Any();

    private static IndexOpenException Damaged(SqliteIndexOptions options, string finding, Exception? inner = null) =>
        new($"The index {options.Path} is damaged ({finding}). Move it away and rebuild it: vna reindex.", inner);

    private void Upgrade(SqliteSession session, CancellationToken cancellation)
    {
        var applied = Applied(session);
        if (applied.FirstOrDefault(static id => !Schema.Migrations.Contains(id)) is { } newer)
        {
            throw new IndexOpenException($"The index {_options.Path} was written by a newer version (schema {newer}; this version knows "
                + $"{Schema.Migrations[^1]}). Use that version or a newer one.");
        }
        var isCurrent = applied.Count == Schema.Migrations.Count;
        if (_options.ReadOnly)
        {
            if (!isCurrent)
            {
                throw new IndexOpenException($"The index {_options.Path} has an older schema. Start the server once: it upgrades the index.");
            }
            return;
        }
        if (!isCurrent)
        {
            Migrate(session, cancellation);
        }
        Identify(session);
    }

    private static void Migrate(SqliteSession session, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Execute(session.Connection, $"PRAGMA application_id = {ApplicationId}");
        // EF's own lock row outlives a killed process, and would be waited for without end; ours is held already.
        Execute(session.Connection, "DROP TABLE IF EXISTS \"__EFMigrationsLock\"");
        session.Db.Database.Migrate();
    }

    private void Identify(SqliteSession session)
    {
        session.Prepare("INSERT INTO archive (id, archive_id, epoch, last_decision) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING")
            .Bind(_options.ArchiveId ?? Schema.NewKey(), _options.Time.GetUtcNow().ToUnixTimeSeconds(), new byte[16]).Run();
        session.Prepare("INSERT INTO tenant VALUES (?, ?, 'default', 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING")
            .Bind(Archive.TenantId.Default.Value, _options.TenantKey ?? Schema.NewKey()).Run();
    }

    private static List<string> Applied(SqliteSession session)
    {
        var applied = new List<string>();
        if (!session.Prepare("SELECT 1 FROM sqlite_master WHERE name = '__EFMigrationsHistory'").Bind().Any())
        {
            return applied; // new, or killed while it was made
        }
        var statement = session.Prepare("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"").Bind();
        while (statement.Step())
        {
            applied.Add(statement.Text(0));
        }
        return applied;
    }

    private static void Execute(SqliteConnection connection, string sql) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle!, sql), connection.Handle!);
}

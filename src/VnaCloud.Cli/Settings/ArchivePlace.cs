using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Settings;

/// <summary>Where an archive is, and how a command opens it: a folder or a bucket, SQLite or PostgreSQL.</summary>
internal sealed class ArchivePlace
{
    private readonly ObjectStorageOptions _storage;
    private readonly string _name;

    private ArchivePlace(ObjectStorageOptions storage, DataFolder folder, string? connection)
    {
        (_storage, Folder, Connection) = (storage, folder, connection);
        _name = storage.S3 is { } s3 ? $"The bucket {s3.Bucket}" : Path.GetDirectoryName(storage.Folder)!;
    }

    /// <summary>The store, for messages.</summary>
    public string StorageName => _name;

    /// <summary>The bucket; null for a folder.</summary>
    public S3StoreOptions? Bucket => _storage.S3;

    /// <summary>The data folder; before a bucket only a SQLite index is there.</summary>
    public DataFolder Folder { get; }

    /// <summary>Of an index in PostgreSQL; null for SQLite.</summary>
    public string? Connection { get; }

    public static ArchivePlace OfFolder(string path, string? connection)
    {
        var folder = new DataFolder(path);
        return new ArchivePlace(new ObjectStorageOptions { Folder = folder.ObjectsPath }, folder, connection);
    }

    public static ArchivePlace OfSettings(StorageOptions storage, IndexOptions index, string? connection) => new(
        // A command reads everything once: a cache would be filled in vain.
        StorageSetup.ToObjectStorage(storage, static _ => { }) with { Cache = null },
        new DataFolder(storage.Path, index.Provider == IndexProvider.Sqlite ? index.SqlitePath(storage.Path) : null),
        connection ?? (index.Provider == IndexProvider.Postgres ? index.ConnectionString : null));

    /// <summary>Opens the store; what is only read is not tried out.</summary>
    /// <exception cref="CommandException">It is no archive, or cannot be written.</exception>
    public async Task<ObjectStorage> OpenStorageAsync(bool readOnly, CancellationToken cancellation)
    {
        if (_storage.S3 is null)
        {
            Folder.RequireArchive();
        }
        var storage = ObjectStorage.Open(_storage, TimeProvider.System);
        try
        {
            return !readOnly && await storage.ProbeAsync(cancellation) is { } reason ? throw new CommandException(reason) : storage;
        }
        catch
        {
            storage.Dispose();
            throw;
        }
    }

    /// <summary>The identity of an existing archive.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public async Task<ArchiveIdentity> IdentityAsync(IObjectStore store, CancellationToken cancellation) =>
        await ArchiveIdentity.ReadAsync(store, cancellation)
            ?? throw new CommandException($"{_name} has no {ArchiveIdentity.Key}: it is not the store of an archive, or that object is to be restored from a backup.");

    /// <summary>Opens the index.</summary>
    public async Task<IRebuildableIndex> OpenIndexAsync(bool readOnly, CancellationToken cancellation) => Connection is null
        ? await SqliteArchiveIndex.OpenAsync(Sqlite(Folder.IndexPath) with { ReadOnly = readOnly }, cancellation)
        : await PostgresArchiveIndex.OpenAsync(Postgres with { ReadOnly = readOnly }, cancellation);

    /// <summary>How a SQLite index is opened.</summary>
    public SqliteIndexOptions Sqlite(string path) => new() { Path = path, Time = TimeProvider.System, Mirror = IsMirrored };

    /// <summary>How the index in PostgreSQL is opened.</summary>
    public PostgresIndexOptions Postgres => new() { ConnectionString = Connection!, Mirror = IsMirrored };

    // What is committed is to be copied, whoever commits it.
    private bool IsMirrored => _storage.Second is not null;
}

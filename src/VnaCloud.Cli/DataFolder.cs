using System.CommandLine;
using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli;

/// <summary>The layout of a data folder, as the server opens it.</summary>
internal sealed class DataFolder
{
    private const string ObjectsName = "objects";

    public DataFolder(string path) => Root = Path.GetFullPath(path);

    public string Root { get; }

    public string ObjectsPath => Path.Combine(Root, ObjectsName);

    public string IndexPath => Path.Combine(Root, "index.db");

    public string LockPath => Path.Combine(Root, "index.lock");

    public string ServerPath => Path.Combine(Root, "server.json");

    /// <summary>The option that every command has.</summary>
    public static Option<string> Option() => new("--data") { Description = "The data folder.", HelpName = "DIR", DefaultValueFactory = _ => "./data" };

    /// <summary>The option of commands that can work on an index in PostgreSQL.</summary>
    public static Option<string?> IndexOption() => new("--index")
    {
        Description = "Connection string of an index in PostgreSQL (Npgsql's). Default: the SQLite index of the data folder.", HelpName = "CONNECTION",
    };

    /// <summary>A folder that is an archive already.</summary>
    /// <exception cref="CommandException">It is not.</exception>
    public static DataFolder Existing(string path)
    {
        var folder = new DataFolder(path);
        return File.Exists(Path.Combine(folder.ObjectsPath, ArchiveIdentity.Key)) ? folder
            : throw new CommandException($"{folder.Root} is not a data folder of VnaCloud (it has no {ObjectsName}/{ArchiveIdentity.Key}). Name it with --data DIR.");
    }

    public FolderObjectStore OpenStore() => new(ObjectsPath, TimeProvider.System);

    public Task<SqliteArchiveIndex> OpenIndexAsync(bool readOnly, CancellationToken cancellation) =>
        SqliteArchiveIndex.OpenAsync(new SqliteIndexOptions { Path = IndexPath, ReadOnly = readOnly, Time = TimeProvider.System }, cancellation);

    /// <summary>The index in PostgreSQL that a connection string names, or the folder's own.</summary>
    public async Task<IRebuildableIndex> OpenIndexAsync(string? connectionString, bool readOnly, CancellationToken cancellation) => connectionString is null
        ? await OpenIndexAsync(readOnly, cancellation)
        : await PostgresArchiveIndex.OpenAsync(new PostgresIndexOptions { ConnectionString = connectionString, ReadOnly = readOnly }, cancellation);

    /// <summary>The identity of an existing archive.</summary>
    public static async Task<ArchiveIdentity> IdentityAsync(IObjectStore store, CancellationToken cancellation) =>
        await ArchiveIdentity.ReadAsync(store, cancellation)
            ?? throw new CommandException($"The object store has no {ArchiveIdentity.Key}. Restore it from a backup.");

    /// <summary>Refuses an index that is not the one of these objects.</summary>
    public static async Task RequirePairAsync(IObjectStore store, IArchiveIndex index, CancellationToken cancellation)
    {
        if (await ArchiveIdentity.JoinAsync(store, await index.StateAsync(cancellation), cancellation) is { } reason)
        {
            throw new CommandException(reason);
        }
    }

    /// <summary>Another process, a server or a command that writes, has the index.</summary>
    public static bool IsInUse(IndexOpenException refusal) => refusal.InnerException is IOException;

    /// <summary>Number of packs, for progress.</summary>
    public static async Task<long> CountPacksAsync(IObjectStore store, string tenantKey, CancellationToken cancellation)
    {
        var count = 0L;
        await foreach (var _ in store.ListAsync(PackFormat.PackPrefix(tenantKey), cancellation))
        {
            count++;
        }
        return count;
    }
}

using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli;

/// <summary>The layout of a data folder, as the server opens it.</summary>
internal sealed class DataFolder
{
    private const string ObjectsName = "objects";

    /// <param name="path">The folder.</param>
    /// <param name="indexPath">Its SQLite index, where that is elsewhere; null for index.db in it.</param>
    public DataFolder(string path, string? indexPath = null)
    {
        Root = Path.GetFullPath(path);
        IndexPath = indexPath ?? Path.Combine(Root, "index.db");
    }

    public string Root { get; }

    public string ObjectsPath => Path.Combine(Root, ObjectsName);

    public string IndexPath { get; }

    public string IndexFolder => Path.GetDirectoryName(IndexPath)!;

    public string LockPath => Path.Combine(IndexFolder, "index.lock");

    public string ServerPath => Path.Combine(Root, "server.json");

    /// <summary>Refuses a folder that is no archive yet.</summary>
    public DataFolder RequireArchive() => File.Exists(Path.Combine(ObjectsPath, ArchiveIdentity.Key)) ? this
        : throw new CommandException($"{Root} is not a data folder of VnaCloud (it has no {ObjectsName}/{ArchiveIdentity.Key}). Name it with --data DIR.");

    public FolderObjectStore OpenStore() => new(ObjectsPath, TimeProvider.System);

    public Task<SqliteArchiveIndex> OpenIndexAsync(bool readOnly, CancellationToken cancellation) =>
        SqliteArchiveIndex.OpenAsync(new SqliteIndexOptions { Path = IndexPath, ReadOnly = readOnly, Time = TimeProvider.System }, cancellation);

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

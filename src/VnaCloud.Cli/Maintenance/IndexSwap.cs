using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Cli.Maintenance;

/// <summary>
/// A new index built beside the old one and put in its place at the end. Holds the lock of the data folder all the while, so that no
/// server starts in between.
/// </summary>
internal sealed class IndexSwap : IDisposable
{
    private static readonly string[] Parts = ["", "-wal", "-shm"];
    private readonly DataFolder _folder;
    private readonly FileStream _lock;
    private readonly string _work;

    private IndexSwap(DataFolder folder, FileStream held)
    {
        _folder = folder;
        _lock = held;
        // A folder of its own, since the index takes the lock of the folder that it is in.
        _work = Path.Combine(folder.Root, "index.db.new");
    }

    private string NewPath => Path.Combine(_work, "index.db");

    /// <summary>Takes the lock, and removes what an earlier run left.</summary>
    public static IndexSwap Begin(DataFolder folder)
    {
        FileStream held;
        try
        {
            held = new FileStream(folder.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw InUse(folder);
        }
        var swap = new IndexSwap(folder, held);
        swap.RemoveWork();
        return swap;
    }

    /// <summary>Makes the new index.</summary>
    public Task<SqliteArchiveIndex> OpenAsync(ArchiveIdentity identity, CancellationToken cancellation) => SqliteArchiveIndex.OpenAsync(new SqliteIndexOptions
    {
        Path = NewPath,
        Time = TimeProvider.System,
        ArchiveId = identity.ArchiveId,
        TenantKey = identity.TenantKey,
    }, cancellation);

    /// <summary>Puts the new index, which was closed, in the old one's place.</summary>
    public void Complete(bool keepOld)
    {
        DurableFiles.SyncFile(NewPath);
        DurableFiles.SyncDirectory(_work);
        var old = _folder.IndexPath + ".old";
        if (File.Exists(_folder.IndexPath))
        {
            foreach (var part in Parts)
            {
                File.Delete(old + part);
            }
            if (new FileInfo(_folder.IndexPath + "-wal") is { Exists: true, Length: > 0 })
            {
                // SQLite would play this log into the new file. A crash between these names leaves no index, which the server sees and says.
                foreach (var part in Parts.Where(part => File.Exists(_folder.IndexPath + part)))
                {
                    File.Move(_folder.IndexPath + part, old + part);
                }
            }
            else
            {
                DurableFiles.HardLink(_folder.IndexPath, old);
                File.Delete(_folder.IndexPath + "-wal");
                File.Delete(_folder.IndexPath + "-shm");
            }
        }
        File.Move(NewPath, _folder.IndexPath, overwrite: true);
        DurableFiles.SyncDirectory(_folder.Root);
        foreach (var part in keepOld ? [] : Parts)
        {
            File.Delete(old + part);
        }
        RemoveWork();
        _lock.Dispose();
    }

    public void Dispose()
    {
        RemoveWork();
        _lock.Dispose();
    }

    /// <summary>Writes decisions that are only in the index into the journal; an index that is gone or cannot be opened has none to give.</summary>
    public static async Task FlushDecisionsAsync(DataFolder folder, IObjectStore store, Terminal terminal, CancellationToken cancellation)
    {
        if (!File.Exists(folder.IndexPath))
        {
            return;
        }
        try
        {
            await using var index = await folder.OpenIndexAsync(readOnly: false, cancellation);
            var state = await index.StateAsync(cancellation);
            if (await ArchiveIdentity.ReadAsync(store, cancellation) is { } identity && identity.ArchiveId == state.ArchiveId)
            {
                using var journal = new JournalWriter(store, index, state.TenantKey, TimeProvider.System);
                await journal.FlushAsync(TenantId.Default, cancellation);
            }
        }
        catch (IndexOpenException refusal) when (DataFolder.IsInUse(refusal))
        {
            throw InUse(folder);
        }
        catch (Exception damage) when (damage is IndexOpenException or Microsoft.Data.Sqlite.SqliteException)
        {
            terminal.Error($"The old index cannot be read and gives nothing to the journal: {damage.Message}");
        }
    }

    private static CommandException InUse(DataFolder folder) =>
        new($"A server or another command works on {folder.Root}: stop it first.");

    private void RemoveWork()
    {
        if (Directory.Exists(_work))
        {
            Directory.Delete(_work, recursive: true);
        }
    }
}

using VnaCloud.Archive;
using VnaCloud.Cli.Settings;
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
    private readonly ArchivePlace _place;
    private readonly FileStream _lock;
    private readonly string _work;

    private IndexSwap(ArchivePlace place, FileStream held)
    {
        _place = place;
        _lock = held;
        // A folder of its own, since the index takes the lock of the folder that it is in.
        _work = Path.Combine(place.Folder.IndexFolder, "index.db.new");
    }

    private string NewPath => Path.Combine(_work, "index.db");

    /// <summary>Takes the lock, and removes what an earlier run left.</summary>
    public static IndexSwap Begin(ArchivePlace place)
    {
        FileStream held;
        Directory.CreateDirectory(place.Folder.IndexFolder); // before a bucket there may be none yet
        try
        {
            held = new FileStream(place.Folder.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw InUse(place.Folder);
        }
        var swap = new IndexSwap(place, held);
        swap.RemoveWork();
        return swap;
    }

    /// <summary>Makes the new index.</summary>
    public Task<SqliteArchiveIndex> OpenAsync(ArchiveIdentity identity, CancellationToken cancellation) => SqliteArchiveIndex.OpenAsync(_place.Sqlite(NewPath) with
    {
        ArchiveId = identity.ArchiveId,
        TenantKey = identity.TenantKey,
    }, cancellation);

    /// <summary>Puts the new index, which was closed, in the old one's place.</summary>
    public void Complete(bool keepOld)
    {
        DurableFiles.SyncFile(NewPath);
        DurableFiles.SyncDirectory(_work);
        var old = _place.Folder.IndexPath + ".old";
        if (File.Exists(_place.Folder.IndexPath))
        {
            foreach (var part in Parts)
            {
                File.Delete(old + part);
            }
            if (new FileInfo(_place.Folder.IndexPath + "-wal") is { Exists: true, Length: > 0 })
            {
                // SQLite would play this log into the new file. A crash between these names leaves no index, which the server sees and says.
                foreach (var part in Parts.Where(part => File.Exists(_place.Folder.IndexPath + part)))
                {
                    File.Move(_place.Folder.IndexPath + part, old + part);
                }
            }
            else
            {
                DurableFiles.HardLink(_place.Folder.IndexPath, old);
                File.Delete(_place.Folder.IndexPath + "-wal");
                File.Delete(_place.Folder.IndexPath + "-shm");
            }
        }
        File.Move(NewPath, _place.Folder.IndexPath, overwrite: true);
        DurableFiles.SyncDirectory(_place.Folder.IndexFolder);
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
    public static async Task FlushDecisionsAsync(ArchivePlace place, IObjectStore store, Terminal terminal, CancellationToken cancellation)
    {
        if (!File.Exists(place.Folder.IndexPath))
        {
            return;
        }
        try
        {
            await using var index = await place.OpenIndexAsync(readOnly: false, cancellation);
            var state = await index.StateAsync(cancellation);
            if (await ArchiveIdentity.ReadAsync(store, cancellation) is { } identity && identity.ArchiveId == state.ArchiveId)
            {
                using var journal = new JournalWriter(store, index, state.TenantKey, TimeProvider.System);
                await journal.FlushAsync(TenantId.Default, cancellation);
            }
        }
        catch (IndexOpenException refusal) when (DataFolder.IsInUse(refusal))
        {
            throw InUse(place.Folder);
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

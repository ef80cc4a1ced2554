using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Gateway.Spool;

/// <summary>
/// The spool on the disk. A file's folder is its state, its name its receipt: incoming/ is being received and worth nothing after a crash;
/// outgoing/ holds compressed copies while they are sent;
/// queued/ was acknowledged and is not confirmed; quarantined/ will not be taken by the archive, its reason beside it; sent/ is confirmed and kept for a while.
/// Every .dcm is a PS3.10 file: whoever has the folder needs nothing of ours to rescue it.
/// </summary>
internal sealed class SpoolFolders : IDisposable
{
    public const string Extension = ".dcm";
    public const string ReasonExtension = ".json";

    private const string PartExtension = ".part";
    private readonly string _incoming;
    private readonly string _outgoing;
    private readonly string _queued;
    private readonly string _quarantined;
    private readonly string _sent;
    private readonly SafeFileHandle _lock;
    private readonly SafeFileHandle _queuedHandle;
    private readonly DirectorySync _queuedSync;

    /// <exception cref="IOException">Another process has it, or it cannot be made.</exception>
    public SpoolFolders(string root)
    {
        Root = Path.GetFullPath(root);
        (_incoming, _queued) = (Path.Combine(Root, "incoming"), Path.Combine(Root, "queued"));
        (_quarantined, _sent) = (Path.Combine(Root, "quarantined"), Path.Combine(Root, "sent"));
        _outgoing = Path.Combine(Root, "outgoing");
        var made = false;
        foreach (var folder in new[] { _incoming, _outgoing, _queued, _quarantined, _sent })
        {
            made |= !Directory.Exists(folder);
            Directory.CreateDirectory(folder);
        }
        if (made)
        {
            SyncTree(Root);
        }
        _lock = File.OpenHandle(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        foreach (var abandoned in Directory.EnumerateFiles(_incoming).Concat(Directory.EnumerateFiles(_outgoing)))
        {
            // Never acknowledged: its sender still has it. Outgoing ones are copies.
            File.Delete(abandoned);
        }
        _queuedHandle = Posix.OpenDirectory(_queued);
        _queuedSync = new DirectorySync(() => Posix.Sync(_queuedHandle));
    }

    public string Root { get; }

    public string Incoming(Receipt receipt) => Path.Combine(_incoming, receipt + PartExtension);

    public string Outgoing(Receipt receipt) => Path.Combine(_outgoing, receipt + PartExtension);

    public string Queued(Receipt receipt) => Path.Combine(_queued, receipt + Extension);

    public string Quarantined(Receipt receipt) => Path.Combine(_quarantined, receipt + Extension);

    public string Reason(Receipt receipt) => Path.Combine(_quarantined, receipt + ReasonExtension);

    public string Sent(Receipt receipt) => Path.Combine(_sent, receipt + Extension);

    /// <summary>An incoming file whose bytes are on the disk becomes a queued one, durably: when this ends well it may be acknowledged.</summary>
    public async Task CommitAsync(Receipt receipt)
    {
        Posix.Rename(Incoming(receipt), Queued(receipt));
        await _queuedSync.SyncAsync();
    }

    public IEnumerable<Receipt> AllQueued() => All(_queued);

    public IEnumerable<Receipt> AllQuarantined() => All(_quarantined);

    public IEnumerable<Receipt> AllSent() => All(_sent);

    /// <summary>Bytes that the file system has for this process, and in all.</summary>
    public (long Free, long Total) Space()
    {
        var drive = new DriveInfo(Root);
        return (drive.AvailableFreeSpace, drive.TotalSize);
    }

    public void Dispose()
    {
        _queuedHandle.Dispose();
        _lock.Dispose();
    }

    // A new folder is there after a crash only when its parent's entry is on the disk, and so on upwards.
    private static void SyncTree(string root)
    {
        for (var at = new DirectoryInfo(root); at is not null; at = at.Parent)
        {
            using var handle = Posix.OpenDirectory(at.FullName);
            Posix.Sync(handle);
        }
    }

    private static List<Receipt> All(string folder)
    {
        var receipts = new List<Receipt>();
        foreach (var path in Directory.EnumerateFiles(folder, "*" + Extension))
        {
            if (Receipt.TryParse(Path.GetFileNameWithoutExtension(path), out var receipt))
            {
                receipts.Add(receipt);
            }
        }
        receipts.Sort();
        return receipts;
    }
}

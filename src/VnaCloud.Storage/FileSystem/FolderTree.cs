using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Storage;

/// <summary>The directories under the root: opened step by step without following links, and known to be durable or not.</summary>
internal sealed class FolderTree : IDisposable
{
    /// <summary>Directories remembered as durable; past this they are forgotten, which costs an fsync each.</summary>
    private const int MaxRemembered = 100_000;

    private readonly SafeFileHandle _root;
    private readonly DirectorySync _sync;
    private readonly ConcurrentDictionary<string, byte> _durable = new();

    public FolderTree(string root)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The folder object store runs on Linux only: elsewhere .NET cannot make a directory durable. Use Vna:Storage:Provider=S3.");
        }
        Root = Path.GetFullPath(root);
        MakeRoot(Root);
        _root = Posix.OpenRoot(Root);
        _sync = new DirectorySync(Sync);
    }

    /// <summary>Absolute path of the root.</summary>
    public string Root { get; }

    /// <summary>The file system has files without a name (O_TMPFILE), and /proc is there to name them by.</summary>
    public bool HasAnonymousFiles { get; set; } = Directory.Exists("/proc/self/fd");

    /// <summary>The directory part of a key, empty for the root, and its last segment.</summary>
    public static (string Directory, string Name) Split(string key)
    {
        var slash = key.LastIndexOf('/');
        return slash < 0 ? ("", key) : (key[..slash], key[(slash + 1)..]);
    }

    /// <summary>Opens a directory, making what is missing; null only when nothing is to be made and it is missing.</summary>
    public SafeFileHandle? Open(string directory, bool make)
    {
        if (directory.Length == 0)
        {
            return Posix.OpenDirectory(_root, ".", readable: true);
        }
        return Posix.OpenBeneath(_root, directory) ?? OpenByStep(directory, make);
    }

    private SafeFileHandle? OpenByStep(string directory, bool make)
    {
        var current = _root;
        try
        {
            for (var start = 0; start < directory.Length;)
            {
                var slash = directory.IndexOf('/', start);
                var end = slash < 0 ? directory.Length : slash;
                var next = Step(current, directory, start, end, make);
                Leave(current);
                if (next is null)
                {
                    current = _root;
                    return null;
                }
                (current, start) = (next, end + 1);
            }
            var opened = current;
            current = _root;
            return opened;
        }
        finally
        {
            Leave(current);
        }
    }

    /// <summary>
    /// Makes a change in a directory durable: fsync of it, and of the parent of every directory on the way that no fsync in this process
    /// covered yet (a directory that an earlier, killed process made may never have reached the disk).
    /// </summary>
    public async Task MakeDurableAsync(string directory)
    {
        await _sync.SyncAsync(directory);
        var made = new List<string>();
        for (var child = directory; child.Length > 0 && !_durable.ContainsKey(child);)
        {
            made.Add(child);
            child = Split(child).Directory;
            await _sync.SyncAsync(child);
        }
        if (_durable.Count > MaxRemembered)
        {
            _durable.Clear();
        }
        made.ForEach(child => _durable.TryAdd(child, 0));
    }

    public void Dispose() => _root.Dispose();

    private SafeFileHandle? Step(SafeFileHandle parent, string directory, int start, int end, bool make)
    {
        var (name, last) = (directory[start..end], end == directory.Length);
        var opened = Posix.OpenDirectory(parent, name, readable: last);
        if (opened is not null || !make)
        {
            return opened;
        }
        if (Posix.MakeDirectory(parent, name))
        {
            _durable.TryRemove(directory[..end], out _);
        }
        return Posix.OpenDirectory(parent, name, readable: last) ?? throw Posix.Error(Posix.ENOENT, $"Opening {name}");
    }

    private void Leave(SafeFileHandle directory)
    {
        if (directory != _root)
        {
            directory.Dispose();
        }
    }

    private void Sync(string directory)
    {
        using var handle = Open(directory, make: false) ?? throw Posix.Error(Posix.ENOENT, $"fsync of {directory}");
        Posix.Sync(handle, directory.Length == 0 ? "the root" : directory);
    }

    [SupportedOSPlatform("linux")]
    private static void MakeRoot(string root)
    {
        var made = new List<string>();
        for (var missing = root; missing is not null && !Directory.Exists(missing); missing = Path.GetDirectoryName(missing))
        {
            made.Add(missing);
        }
        Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        foreach (var child in made)
        {
            using var parent = Posix.OpenRoot(Path.GetDirectoryName(child)!);
            using var readable = Posix.OpenDirectory(parent, ".", readable: true)!;
            Posix.Sync(readable, "the root's parent");
        }
    }
}

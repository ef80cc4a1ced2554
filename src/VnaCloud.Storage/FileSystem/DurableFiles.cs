namespace VnaCloud.Storage;

/// <summary>What tools need to swap and to copy files of a data folder so that they survive a crash. Linux only.</summary>
public static class DurableFiles
{
    /// <summary>Gives a file a second name; a name that is taken is an error.</summary>
    public static void HardLink(string path, string name)
    {
        using var root = Posix.OpenRoot("/");
        if (!Posix.Link(root, Path.GetFullPath(path), Path.GetFullPath(name)))
        {
            throw new IOException($"{name} exists already.");
        }
    }

    /// <summary>Writes a directory's entries to the disk.</summary>
    public static void SyncDirectory(string path)
    {
        using var parent = Posix.OpenRoot(path);
        using var readable = Posix.OpenDirectory(parent, ".", readable: true)!;
        Posix.Sync(readable, path);
    }

    /// <summary>Writes a file's bytes to the disk.</summary>
    public static void SyncFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }
}

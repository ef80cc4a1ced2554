using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// Objects as files of a folder, a key's slashes being directories. An object is written without a name, made durable, and only then
/// linked under its key, so that a crash leaves it whole or absent.
/// </summary>
/// <remarks>
/// Reads and writes block the calling thread for as long as the page cache takes, completion for the disk's fsync. A full disk is an
/// <see cref="IOException"/> whose HResult is 28 (ENOSPC), as .NET gives it. Symbolic links below the root are refused. Linux only.
/// </remarks>
public sealed class FolderObjectStore : IObjectStore, IDisposable
{
    /// <summary>Open files kept for reading unless told otherwise.</summary>
    public const int DefaultOpenFiles = 256;

    /// <summary>Temporary files older than this belong to nobody: an upload ends after 5 h.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    private readonly FolderTree _tree;
    private readonly FolderListing _listing;
    private readonly HandleCache _open;
    private readonly TimeProvider _time;

    /// <summary>Opens the folder, making it (0750) where it is missing.</summary>
    /// <param name="root">Path of the folder.</param>
    /// <param name="time">Names temporary files and tells which are abandoned.</param>
    /// <param name="openFiles">Open files kept for reading, from 1.</param>
    /// <exception cref="PlatformNotSupportedException">Not on Linux.</exception>
    public FolderObjectStore(string root, TimeProvider time, int openFiles = DefaultOpenFiles)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentOutOfRangeException.ThrowIfLessThan(openFiles, 1);
        _time = time;
        _tree = new FolderTree(root);
        _listing = new FolderListing(_tree.Root);
        _open = new HandleCache(openFiles);
    }

    /// <summary>False makes uploads use named temporary files, as on file systems without O_TMPFILE.</summary>
    internal bool AnonymousFiles
    {
        get => _tree.HasAnonymousFiles;
        set => _tree.HasAnonymousFiles = value;
    }

    /// <inheritdoc/>
    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult<ObjectUpload>(new FolderUpload(_tree, key, $"{ObjectKey.TemporaryPrefix}{Ulid.New(_time)}"));
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(WithFile(key, file => Fill(file, offset, destination.Span)) ?? throw new ObjectMissingException(key));
    }

    /// <inheritdoc/>
    public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(WithFile(key, RandomAccess.GetLength));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ObjectKey.ValidatePrefix(prefix);
        // A long listing over a cold disk should not start on the caller's time.
        await Task.Yield();
        foreach (var key in _listing.Objects(prefix))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return key;
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        cancellation.ThrowIfCancellationRequested();
        var (directory, name) = FolderTree.Split(key);
        using var parent = _tree.Open(directory, make: false);
        if (parent is not null)
        {
            Posix.Unlink(parent, name);
        }
        _open.Remove(key);
        return ValueTask.CompletedTask;
    }

    /// <summary>Removes the temporary files of uploads that a crash ended more than <see cref="AbandonedAfter"/> ago; gives their number.</summary>
    /// <remarks>Files without a name need none of this: the kernel frees them.</remarks>
    public async Task<int> RemoveAbandonedAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        var removed = 0;
        foreach (var path in _listing.Temporaries(_time.GetUtcNow() - AbandonedAfter))
        {
            cancellation.ThrowIfCancellationRequested();
            File.Delete(path);
            removed++;
        }
        return removed;
    }

    /// <summary>Closes the open files.</summary>
    public void Dispose()
    {
        _open.Dispose();
        _tree.Dispose();
    }

    private T? WithFile<T>(string key, Func<SafeFileHandle, T> use) where T : struct
    {
        while (true)
        {
            var file = _open.Get(key, OpenToRead);
            if (file is null)
            {
                return null;
            }
            try
            {
                return use(file);
            }
            catch (ObjectDisposedException) when (file.IsClosed)
            {
                // Pushed out of the cache between the two lines above: open it again.
            }
        }
    }

    private SafeFileHandle? OpenToRead(string key)
    {
        var (directory, name) = FolderTree.Split(key);
        using var parent = _tree.Open(directory, make: false);
        var file = parent is null ? null : Posix.OpenToRead(parent, name);
        if (file is not null && File.GetAttributes(file).HasFlag(FileAttributes.Directory))
        {
            file.Dispose();
            return null;
        }
        return file;
    }

    private static int Fill(SafeFileHandle file, long offset, Span<byte> destination)
    {
        var filled = 0;
        while (filled < destination.Length && RandomAccess.Read(file, destination[filled..], offset + filled) is > 0 and var read)
        {
            filled += read;
        }
        return filled;
    }
}

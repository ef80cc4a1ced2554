using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Gateway.Spool;

/// <summary>The disk of the spool does not do what it must: it is full, or failed.</summary>
internal sealed class SpoolDiskException(IOException cause) : Exception(cause.Message, cause)
{
    public bool IsFull { get; } = Posix.IsFull(cause);
}

/// <summary>A file that is being received. Whatever is not committed is removed.</summary>
internal sealed class SpoolFile : IDisposable
{
    /// <summary>
    /// The extended attribute that keeps the trace of an object over a restart. It is beside the bytes, which go to the archive as they are; a file
    /// system without attributes, and a version that does not know this one, lose the trace and nothing else.
    /// </summary>
    public const string TraceAttribute = "user.vna.traceparent";

    private readonly SpoolFolders _folders;
    private readonly Receipt _receipt;
    private readonly SafeFileHandle _handle;
    private bool _committed;

    public SpoolFile(SpoolFolders folders, Receipt receipt)
    {
        (_folders, _receipt) = (folders, receipt);
        _handle = Disk(() => File.OpenHandle(folders.Incoming(receipt), FileMode.CreateNew, FileAccess.Write, FileShare.Read));
    }

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, Length);
            Length += bytes.Length;
        }
        catch (IOException failure)
        {
            throw new SpoolDiskException(failure);
        }
    }

    /// <summary>Writes down which trace the object belongs to.</summary>
    public void Trace(string traceParent) => Posix.TrySetAttribute(_handle, TraceAttribute, traceParent);

    /// <summary>fsync of the file, its name, fsync of the directory: only then is it stored (PS3.4 B.2.3).</summary>
    public async Task CommitAsync()
    {
        try
        {
            RandomAccess.FlushToDisk(_handle);
            await _folders.CommitAsync(_receipt);
            _committed = true;
        }
        catch (IOException failure)
        {
            throw new SpoolDiskException(failure);
        }
    }

    public void Dispose()
    {
        _handle.Dispose();
        if (!_committed)
        {
            // Renamed already when only the directory's fsync failed: it was not acknowledged, its sender has it.
            Remove(_folders.Incoming(_receipt));
            Remove(_folders.Queued(_receipt));
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Incoming is emptied at the next start; in the queue it would be forwarded, which does no harm.
        }
    }

    private static T Disk<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (IOException failure)
        {
            throw new SpoolDiskException(failure);
        }
    }
}

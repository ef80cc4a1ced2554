using Microsoft.Win32.SafeHandles;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// An object on its way: a file without a name (or, where the file system has none such, with a temporary one) in the folder of its key.
/// Writes block the calling thread for a block's way to the disk, <see cref="CompleteAsync"/> for the last block's and two fsyncs.
/// </summary>
internal sealed class FolderUpload : ObjectUpload
{
    private readonly FolderTree _tree;
    private readonly string _key;
    private readonly string _directory;
    private readonly string _name;
    private string? _temporary;
    private readonly SafeFileHandle _parent;
    private readonly SafeFileHandle _file;
    private readonly BlockFile _blocks;
    private long _sealed;
    private bool _torn;
    private bool _finished;

    /// <param name="tree">The directories.</param>
    /// <param name="key">The key to be.</param>
    /// <param name="temporary">Name of the temporary file where files without a name are not to be had.</param>
    public FolderUpload(FolderTree tree, string key, string temporary)
    {
        (_tree, _key) = (tree, key);
        (_directory, _name) = FolderTree.Split(key);
        _parent = tree.Open(_directory, make: true)!;
        try
        {
            var anonymous = tree.HasAnonymousFiles ? Posix.CreateAnonymous(_parent) : null;
            tree.HasAnonymousFiles = anonymous is not null;
            _temporary = anonymous is null ? temporary : null;
            _file = anonymous ?? Posix.CreateNew(_parent, temporary);
            _blocks = new BlockFile(_file);
        }
        catch (IOException)
        {
            _parent.Dispose();
            throw;
        }
    }

    public override long Length => _blocks.Length;

    public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Check(cancellation);
        // After a failed write (a full disk) some of the bytes are counted: TruncateAsync takes them away.
        _torn = true;
        _blocks.Append(bytes.Span);
        _torn = false;
        return ValueTask.CompletedTask;
    }

    public override ValueTask PatchAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Check(cancellation);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, _sealed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - bytes.Length);
        _blocks.Patch(offset, bytes.Span);
        return ValueTask.CompletedTask;
    }

    public override ValueTask TruncateAsync(long length, CancellationToken cancellation)
    {
        Check(cancellation);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, _sealed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        _blocks.Truncate(length);
        _torn = false;
        return ValueTask.CompletedTask;
    }

    public override void Seal() => _sealed = Length;

    public override async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        Check(cancellation);
        if (_torn)
        {
            throw new InvalidOperationException("An append failed: the upload is cut back with TruncateAsync or given up.");
        }
        // Whatever happens now, this file is not tried again: after a failed fsync the kernel may drop the pages and call the next one a success.
        _finished = true;
        _blocks.Flush();
        Posix.Sync(_file, _key);
        var linked = _temporary is null ? Posix.LinkAnonymous(_file, _parent, _name) : Posix.Link(_parent, _temporary, _name);
        if (!linked)
        {
            throw new ObjectExistsException(_key);
        }
        RemoveTemporary();
        try
        {
            await _tree.MakeDurableAsync(_directory);
        }
        catch (IOException)
        {
            Posix.Unlink(_parent, _name);
            throw;
        }
    }

    public override ValueTask DisposeAsync()
    {
        if (!_file.IsClosed)
        {
            _finished = true;
            RemoveTemporary();
            _blocks.Dispose();
            _file.Dispose();
            _parent.Dispose();
        }
        return ValueTask.CompletedTask;
    }

    private void RemoveTemporary()
    {
        if (_temporary is not null)
        {
            Posix.Unlink(_parent, _temporary);
            _temporary = null;
        }
    }

    private void Check(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_finished)
        {
            throw new InvalidOperationException("The upload is over.");
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace VnaCloud.Archive.Tests.Packs;

/// <summary>One object in a file of its own, with holes for zeros: a pack of many gigabytes costs a few kilobytes of disk.</summary>
internal sealed class SparseStore : IObjectStore, IDisposable
{
    public string Path { get; } = System.IO.Path.GetTempFileName();

    public SparseUpload? Upload { get; private set; }

    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation) =>
        ValueTask.FromResult<ObjectUpload>(Upload = new SparseUpload(Path));

    public ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        using var file = File.OpenHandle(Path);
        return ValueTask.FromResult(RandomAccess.Read(file, destination.Span, offset));
    }

    public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) => ValueTask.FromResult<long?>(new FileInfo(Path).Length);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => AsyncEnumerable.Empty<string>();

    public ValueTask DeleteAsync(string key, CancellationToken cancellation) => ValueTask.CompletedTask;

    public void Dispose() => File.Delete(Path);
}

internal sealed class SparseUpload(string path) : ObjectUpload
{
    [SuppressMessage("Reliability", "CA2213", Justification = "Disposed in DisposeAsync.")]
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
    private long _length;

    public override long Length => _length;

    /// <summary>Appends zeros without writing them.</summary>
    public void AppendHole(long bytes) => _length += bytes;

    public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        RandomAccess.Write(_file, bytes.Span, _length);
        _length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    public override ValueTask PatchAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        RandomAccess.Write(_file, bytes.Span, offset);
        return ValueTask.CompletedTask;
    }

    public override ValueTask TruncateAsync(long length, CancellationToken cancellation)
    {
        _length = length;
        return ValueTask.CompletedTask;
    }

    public override void Seal()
    {
    }

    public override ValueTask CompleteAsync(CancellationToken cancellation)
    {
        RandomAccess.SetLength(_file, _length);
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}

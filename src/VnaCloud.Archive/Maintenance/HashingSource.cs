using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Hashes what a reader consumes, as ingest does (architecture: two digests per instance), without keeping any of it.</summary>
internal sealed class HashingSource(ByteSource inner) : ByteSource, IDisposable
{
    private readonly InstanceHash _hash = new();
    private ReadOnlyMemory<byte> _window = inner.Window;
    private int _consumed;

    public override ReadOnlyMemory<byte> Window => inner.Window;

    public override long Position => inner.Position;

    public override int MaxWindow => inner.MaxWindow;

    public override void Advance(int count)
    {
        inner.Advance(count);
        _consumed += count;
    }

    public override async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        Hash();
        var more = await inner.FillAsync(cancellation);
        _window = inner.Window;
        return more;
    }

    /// <summary>From here on the bytes belong to the data set.</summary>
    public void BeginContent(string transferSyntaxUid)
    {
        Hash();
        _hash.BeginContent(transferSyntaxUid);
    }

    /// <summary>Consumes what is left, and gives both digests.</summary>
    public async ValueTask<(Digest File, Digest Content)> FinishAsync(CancellationToken cancellation)
    {
        await SkipAsync(long.MaxValue, cancellation);
        Hash();
        return _hash.Finish();
    }

    public void Dispose() => _hash.Dispose();

    private void Hash()
    {
        _hash.Append(_window[.._consumed].Span);
        _window = _window[_consumed..];
        _consumed = 0;
    }
}

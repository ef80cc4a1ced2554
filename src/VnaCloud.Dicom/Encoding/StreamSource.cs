namespace VnaCloud.Dicom;

/// <summary>A <see cref="ByteSource"/> over a stream.</summary>
public sealed class StreamSource : BufferedSource
{
    /// <summary>Default buffer, 64 KiB.</summary>
    public const int DefaultBufferSize = 64 * 1024;

    private readonly Stream _stream;

    /// <summary>Reads <paramref name="stream"/> from where it stands; the stream stays the caller's to close.</summary>
    public StreamSource(Stream stream, int bufferSize = DefaultBufferSize)
        : base(bufferSize)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
    }

    /// <inheritdoc/>
    public override async ValueTask<long> SkipAsync(long count, CancellationToken cancellation)
    {
        if (!_stream.CanSeek)
        {
            return await base.SkipAsync(count, cancellation);
        }
        var left = Math.Max(0, Math.Min(count - Window.Length, _stream.Length - _stream.Position));
        _stream.Seek(left, SeekOrigin.Current);
        var skipped = Math.Min(count, Window.Length) + left;
        Jump(skipped);
        return skipped;
    }

    /// <inheritdoc/>
    protected override ValueTask<int> ReadAsync(Memory<byte> free, CancellationToken cancellation) => _stream.ReadAsync(free, cancellation);
}

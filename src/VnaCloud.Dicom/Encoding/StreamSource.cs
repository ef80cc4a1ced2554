using System.Buffers;

namespace VnaCloud.Dicom;

/// <summary>A <see cref="ByteSource"/> over a stream, through one rented buffer.</summary>
public sealed class StreamSource : ByteSource, IDisposable
{
    /// <summary>Default buffer, 64 KiB.</summary>
    public const int DefaultBufferSize = 64 * 1024;

    private readonly Stream _stream;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private long _position;

    /// <summary>Reads <paramref name="stream"/> from where it stands; the stream stays the caller's to close.</summary>
    public StreamSource(Stream stream, int bufferSize = DefaultBufferSize)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1024);
        _stream = stream;
        _buffer = ArrayPool<byte>.Shared.Rent(bufferSize);
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Window => _buffer.AsMemory(_start, _end - _start);

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override int MaxWindow => _buffer.Length;

    /// <inheritdoc/>
    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_end - _start));
        _start += count;
        _position += count;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
        {
            throw new InvalidOperationException("The window is full: consume before asking for more.");
        }
        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    /// <inheritdoc/>
    public override async ValueTask<long> SkipAsync(long count, CancellationToken cancellation)
    {
        if (!_stream.CanSeek)
        {
            return await base.SkipAsync(count, cancellation);
        }
        var buffered = (int)Math.Min(count, _end - _start);
        Advance(buffered);
        var left = Math.Max(0, Math.Min(count - buffered, _stream.Length - _stream.Position));
        _stream.Seek(left, SeekOrigin.Current);
        _position += left;
        return buffered + left;
    }

    /// <summary>Gives the buffer back; the stream stays open.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _start = _end = 0;
        }
    }
}

using System.Buffers;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>A range of an object as a <see cref="ByteSource"/>; skipping costs no read.</summary>
public sealed class ObjectSource : ByteSource, IDisposable
{
    private const int BufferSize = 64 * 1024;
    private readonly IObjectStore _store;
    private readonly DataLocator _locator;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private long _position;

    /// <summary>Reads the bytes of <paramref name="locator"/> from their start.</summary>
    public ObjectSource(IObjectStore store, DataLocator locator)
    {
        _store = store;
        _locator = locator;
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Window => _buffer.AsMemory(_start, _end - _start);

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override int MaxWindow => BufferSize;

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
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var at = _position + _end;
        var wanted = (int)Math.Min(_buffer.Length - _end, _locator.Length - at);
        if (wanted <= 0)
        {
            return false;
        }
        var read = await _store.ReadAsync(_locator.PackKey, _locator.Offset + at, _buffer.AsMemory(_end, wanted), cancellation);
        if (read < wanted)
        {
            throw new TruncatedObjectException(_locator.PackKey);
        }
        _end += read;
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<long> SkipAsync(long count, CancellationToken cancellation)
    {
        var skipped = Math.Min(count, _locator.Length - _position);
        var buffered = (int)Math.Min(skipped, _end - _start);
        _start += buffered;
        if (buffered < skipped)
        {
            _start = _end = 0;
        }
        _position += skipped;
        return new(skipped);
    }

    /// <inheritdoc/>
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

/// <summary>An object is shorter than the index says: nothing of it may be served as good.</summary>
public sealed class TruncatedObjectException(string key) : IOException($"Object {key} is shorter than the index says.");

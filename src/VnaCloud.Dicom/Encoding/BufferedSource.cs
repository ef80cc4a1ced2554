using System.Buffers;

namespace VnaCloud.Dicom;

/// <summary>A <see cref="ByteSource"/> with one rented buffer; where the bytes come from is left to the source that derives from it.</summary>
public abstract class BufferedSource : ByteSource, IDisposable
{
    private byte[] _buffer;
    private int _start;
    private int _end;
    private long _position;

    /// <summary>Rents the buffer.</summary>
    /// <param name="bufferSize">Bytes, from 1,024.</param>
    protected BufferedSource(int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1024);
        _buffer = ArrayPool<byte>.Shared.Rent(bufferSize);
    }

    /// <inheritdoc/>
    public sealed override ReadOnlyMemory<byte> Window => _buffer.AsMemory(_start, _end - _start);

    /// <inheritdoc/>
    public sealed override long Position => _position;

    /// <inheritdoc/>
    public sealed override int MaxWindow => _buffer.Length;

    /// <inheritdoc/>
    public sealed override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_end - _start));
        _start += count;
        _position += count;
    }

    /// <inheritdoc/>
    public sealed override async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            throw new InvalidOperationException("The window is full: consume before asking for more.");
        }
        var read = await ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads the bytes that follow those read before; 0 only at the end.</summary>
    protected abstract ValueTask<int> ReadAsync(Memory<byte> free, CancellationToken cancellation);

    /// <summary>Moves on by more than the window holds, where the source itself has moved on by what is missing.</summary>
    protected void Jump(long count)
    {
        var buffered = (int)Math.Min(count, _end - _start);
        _start += buffered;
        _position += count;
    }

    /// <summary>Gives the buffer back, once.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _start = _end = 0;
        }
    }
}

using System.Buffers;
using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Spool;

/// <summary>
/// A PS3.10 file as it comes into being: our File Meta Information, then the data set as it arrives. The parser looks at the bytes in the buffer
/// from which they go to the file, so nothing is held or copied for its sake. Writes block: the page cache takes them.
/// </summary>
internal sealed class ReceivedSource : ByteSource, IDisposable
{
    private const int BufferSize = 512 * 1024;

    // Below this much room the buffer is written out: reads and writes stay large.
    private const int WorthwhileRead = 128 * 1024;

    private readonly Stream _dataSet;
    private readonly SpoolFile _file;
    private readonly long _maxBytes;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _written;
    private int _start;
    private int _end;
    private long _position;

    public ReceivedSource(ReadOnlySpan<byte> meta, Stream dataSet, SpoolFile file, long maxBytes)
    {
        (_dataSet, _file, _maxBytes) = (dataSet, file, maxBytes);
        meta.CopyTo(_buffer);
        _end = meta.Length;
    }

    public override ReadOnlyMemory<byte> Window => _buffer.AsMemory(_start, _end - _start);

    public override long Position => _position;

    public override int MaxWindow => BufferSize - WorthwhileRead;

    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_end - _start));
        _start += count;
        _position += count;
    }

    public override async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_buffer.Length - _end < WorthwhileRead)
        {
            Write();
            if (_end == _buffer.Length)
            {
                throw new InvalidOperationException("The window is full: consume before asking for more.");
            }
        }
        var read = await _dataSet.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        if (_position + Window.Length > _maxBytes)
        {
            throw new DicomFormatException(DicomFault.LimitExceeded, $"The object is longer than {_maxBytes} bytes", _position);
        }
        return read > 0;
    }

    /// <summary>Writes what the parser left: padding behind a deflated data set.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellation)
    {
        do
        {
            Advance(_end - _start);
        }
        while (await FillAsync(cancellation));
        Write();
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _start = _end = _written = 0;
        }
    }

    private void Write()
    {
        _file.Append(_buffer.AsSpan(_written, _start - _written));
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = _written = 0;
    }
}

using System.Buffers;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Http;

/// <summary>A request body that is one DICOM file, read in large pieces: Kestrel hands out 4 KiB, hashing and writing want more.</summary>
internal sealed class BodySource(Stream body, long limit = long.MaxValue) : ByteSource, IDisposable
{
    private const int BufferSize = 1024 * 1024;
    private const int Enough = 256 * 1024;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private long _position;
    private bool _ended;

    public override ReadOnlyMemory<byte> Window => _buffer.AsMemory(_start, _end - _start);

    public override long Position => _position;

    public override int MaxWindow => BufferSize;

    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_end - _start));
        _start += count;
        _position += count;
    }

    public override async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var before = _end;
        while (!_ended && _end - before < Enough && _end < _buffer.Length)
        {
            var reading = body.ReadAsync(_buffer.AsMemory(_end), cancellation);
            var waited = !reading.IsCompleted;
            var read = await reading;
            _ended = read == 0;
            _end += read;
            if (waited && _end - before >= Enough / 4)
            {
                // A slow sender's bytes are not held back for more.
                break;
            }
        }
        return _position + _end <= limit ? _end > before
            : throw new BadHttpRequestException("The file is too long.", StatusCodes.Status413PayloadTooLarge);
    }

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

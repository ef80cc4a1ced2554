using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>A range of an object as a forward-only stream, with some bytes after it.</summary>
internal sealed class ObjectRangeStream(IObjectStore store, string key, long offset, long length, ReadOnlyMemory<byte> tail = default) : ReadOnlyStream
{
    private long _position;
    private ReadOnlyMemory<byte> _tail = tail;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0)
        {
            var rest = Math.Min(buffer.Length, _tail.Length);
            _tail[..rest].CopyTo(buffer);
            _tail = _tail[rest..];
            return rest;
        }
        var read = await store.ReadAsync(key, offset + _position, buffer[..wanted], cancellationToken);
        if (read < wanted)
        {
            throw new TruncatedObjectException(key);
        }
        _position += read;
        return read;
    }
}

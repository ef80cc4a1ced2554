using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>Walks the marker segments of a stream (T.81 section B.1.1).</summary>
internal ref struct JpegSegments
{
    private readonly ReadOnlySpan<byte> _stream;

    /// <exception cref="ImageException">The stream does not begin with SOI.</exception>
    public JpegSegments(ReadOnlySpan<byte> stream)
    {
        if (stream is not [JpegMarker.Prefix, JpegMarker.StartOfImage, ..])
        {
            throw new ImageException("This is no JPEG stream: it does not begin with SOI (FFD8) at byte 0.");
        }
        _stream = stream;
        Position = 2;
    }

    /// <summary>The byte to read next.</summary>
    public int Position { get; set; }

    /// <summary>Goes behind the next marker. Bytes before it are passed over, as IJG does: writers leave padding there.</summary>
    /// <exception cref="ImageException">The stream ends first.</exception>
    public byte NextMarker()
    {
        while (true)
        {
            var prefix = _stream[Position..].IndexOf(JpegMarker.Prefix);
            var code = prefix < 0 ? -1 : _stream[(Position + prefix)..].IndexOfAnyExcept(JpegMarker.Prefix);
            if (code < 0)
            {
                throw new ImageException($"The JPEG stream ends at byte {_stream.Length} where a marker should follow.");
            }
            Position += prefix + code + 1;
            // FF00 is a data byte.
            if (_stream[Position - 1] != 0)
            {
                return _stream[Position - 1];
            }
        }
    }

    /// <summary>The parameters behind a marker, without their length; goes behind them.</summary>
    /// <exception cref="ImageException">The stream ends first.</exception>
    public ReadOnlySpan<byte> Parameters()
    {
        var rest = _stream[Position..];
        var length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length < 2 || length > rest.Length)
        {
            throw new ImageException($"A JPEG segment at byte {Position} has {length} bytes where {rest.Length} are left.");
        }
        Position += length;
        return rest[2..length];
    }
}

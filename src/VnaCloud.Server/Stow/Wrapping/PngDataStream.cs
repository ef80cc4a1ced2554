using VnaCloud.Dicom;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>The contents of a PNG's IDAT chunks, one after the other: they are one zlib stream (ISO/IEC 15948 section 10.1).</summary>
internal sealed class PngDataStream(SpoolReader bytes, long firstChunk) : ReadOnlyStream
{
    // SpoolReader's window.
    private const int MostAtOnce = 4096;

    private long _at = firstChunk;
    private long _left = -1;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_left <= 0)
        {
            if (_left == 0)
            {
                _at += 4; // CRC
            }
            if (bytes.U32(_at + 4) != PngHeader.Chunk("IDAT"))
            {
                return 0;
            }
            (_left, _at) = (bytes.U32(_at), _at + 8);
        }
        var step = (int)Math.Min(Math.Min(buffer.Length, MostAtOnce), _left);
        bytes.Bytes(_at, step).CopyTo(buffer);
        (_at, _left) = (_at + step, _left - step);
        return step;
    }
}

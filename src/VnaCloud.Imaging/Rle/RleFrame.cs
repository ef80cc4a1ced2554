using System.Buffers;
using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>A frame of RLE Lossless (PS3.5 Annex G): a header, and a segment for each byte of a composite pixel code.</summary>
internal static class RleFrame
{
    /// <summary>PS3.5 section G.5: sixteen UL, the number of segments and fifteen offsets.</summary>
    public const int HeaderLength = 64;

    /// <summary>Offsets that the header has room for.</summary>
    public const int MaxSegments = 15;

    /// <summary>Decodes a frame into samples interleaved by pixel, little endian.</summary>
    /// <param name="frame">The fragments of the frame, joined.</param>
    /// <param name="pixels">What the frame holds; its planar configuration does not matter to RLE.</param>
    /// <param name="output">Exactly <see cref="ImagePixels.FrameLength"/> bytes.</param>
    /// <exception cref="ImageException">The header or a segment is wrong, or ends early.</exception>
    public static void Decode(ReadOnlySpan<byte> frame, ImagePixels pixels, Span<byte> output)
    {
        var layout = RleLayout.Of(pixels);
        RequireLength(output.Length, pixels, nameof(output));
        Span<int> bounds = stackalloc int[MaxSegments + 1];
        ReadHeader(frame, layout.Segments, bounds);
        for (var i = 0; i < layout.Segments; i++)
        {
            RleSegment.Decode(frame[..bounds[i + 1]], bounds[i], output[layout.First(i, isPlanar: false)..], layout.Stride(isPlanar: false), layout.Length);
        }
    }

    /// <summary>Encodes a native frame.</summary>
    /// <param name="native">Exactly <see cref="ImagePixels.FrameLength"/> bytes, little endian, by pixel or by plane as <paramref name="pixels"/> says.</param>
    /// <param name="pixels">What the frame holds.</param>
    /// <param name="output">Takes the header and the segments: an even number of bytes.</param>
    /// <exception cref="ImageException">RLE has no place for such pixels.</exception>
    public static void Encode(ReadOnlySpan<byte> native, ImagePixels pixels, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var layout = RleLayout.Of(pixels);
        RequireLength(native.Length, pixels, nameof(native));
        // Offsets stand before the segments, whose lengths are known only afterwards.
        var segments = new ArrayBufferWriter<byte>(HeaderLength + native.Length / 2);
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)layout.Segments);
        for (var i = 0; i < layout.Segments; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[(4 * (i + 1))..], (uint)(HeaderLength + segments.WrittenCount));
            RleSegment.Encode(native[layout.First(i, pixels.IsPlanar)..], layout.Stride(pixels.IsPlanar), layout.Length, layout.RowLength, segments);
        }
        output.Write(header);
        output.Write(segments.WrittenSpan);
    }

    // A segment ends where the next begins (PS3.5 section G.4). Offsets out of their order would lay segments over each other.
    private static void ReadHeader(ReadOnlySpan<byte> frame, int expected, Span<int> bounds)
    {
        if (frame.Length < HeaderLength)
        {
            throw new ImageException($"The RLE header ends at byte {frame.Length}: it has {HeaderLength}.");
        }
        var count = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (count != expected)
        {
            // Fewer leave bytes of the samples unknown; more say that the attributes describe some other image. DCMTK and pydicom refuse both.
            throw new ImageException($"The RLE header has {count} segments where the attributes make {expected}.");
        }
        var least = HeaderLength;
        for (var i = 0; i < expected; i++)
        {
            var offset = BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 * (i + 1))..]);
            if (offset < least || offset > frame.Length)
            {
                throw new ImageException($"RLE segment {i + 1} begins at byte {offset}: not between {least} and the frame's end at {frame.Length}.");
            }
            bounds[i] = least = (int)offset;
        }
        bounds[expected] = frame.Length;
    }

    private static void RequireLength(int length, ImagePixels pixels, string name)
    {
        if (length != pixels.FrameLength)
        {
            throw new ArgumentException($"{length} bytes for a frame of {pixels.FrameLength}.", name);
        }
    }
}

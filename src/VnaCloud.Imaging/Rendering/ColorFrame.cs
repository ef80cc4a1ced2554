using System.Buffers.Binary;

namespace VnaCloud.Imaging;

/// <summary>Frames of three samples a pixel as red, green and blue of 8 bits (PS3.3 C.7.6.3.1.2).</summary>
internal static class ColorFrame
{
    /// <summary>Red, green and blue of each pixel.</summary>
    /// <exception cref="ImageException">The photometric interpretation is none that is shown, or the frame is too short.</exception>
    public static byte[] Render(ImagePixels pixels, ReadOnlySpan<byte> frame)
    {
        switch (pixels.Photometric)
        {
            // JPEG 2000 codecs undo their colour transformation: what they return is RGB, whatever the header goes on saying.
            case "RGB" or "YBR_RCT" or "YBR_ICT":
                return Interleave(pixels, frame);
            case "YBR_FULL":
                return LumaChroma.ToRgb(Interleave(pixels, frame), LumaChroma.Full);
            case "YBR_FULL_422":
                return LumaChroma.ToRgb(MayBeSubsampled(pixels, frame), LumaChroma.Full);
            case "YBR_PARTIAL_422":
                return LumaChroma.ToRgb(MayBeSubsampled(pixels, frame), LumaChroma.Partial);
            // 4:2:0 has no native form: it comes out of a codec, with all its samples.
            case "YBR_PARTIAL_420":
                return LumaChroma.ToRgb(Interleave(pixels, frame), LumaChroma.Partial);
            case "ARGB" or "CMYK" or "HSV":
                throw new ImageException($"Photometric Interpretation {pixels.Photometric} is retired and not shown.");
            default:
                throw new ImageException($"Photometric Interpretation {pixels.Photometric} with three samples a pixel is not known.");
        }
    }

    private static byte[] Interleave(ImagePixels pixels, ReadOnlySpan<byte> frame)
    {
        var count = pixels.Rows * pixels.Columns;
        var samples = To8(pixels, frame, 3 * count);
        if (!pixels.IsPlanar)
        {
            return samples.ToArray();
        }
        var output = new byte[3 * count];
        var green = samples[count..];
        var blue = samples[(2 * count)..];
        for (var i = 0; i < count; i++)
        {
            output[3 * i] = samples[i];
            output[(3 * i) + 1] = green[i];
            output[(3 * i) + 2] = blue[i];
        }
        return output;
    }

    // Written out from a codec, a 4:2:2 frame has all its samples: its length tells (and so does FrameLocator).
    private static byte[] MayBeSubsampled(ImagePixels pixels, ReadOnlySpan<byte> frame)
    {
        var count = pixels.Rows * pixels.Columns;
        if (frame.Length >= 3L * count * (pixels.BitsAllocated / 8))
        {
            return Interleave(pixels, frame);
        }
        // Y1 Y2 Cb Cr for each two pixels, which share their colour.
        var samples = To8(pixels, frame, (count + 1) / 2 * 4);
        var output = new byte[3 * count];
        for (var i = 0; i < count; i++)
        {
            var pair = samples.Slice(i / 2 * 4, 4);
            output[3 * i] = pair[i & 1];
            output[(3 * i) + 1] = pair[2];
            output[(3 * i) + 2] = pair[3];
        }
        return output;
    }

    // Samples in the order of the frame: the frame itself where it has 8 bits.
    private static ReadOnlySpan<byte> To8(ImagePixels pixels, ReadOnlySpan<byte> frame, int count)
    {
        if (pixels.BitsAllocated is not (8 or 16 or 32))
        {
            throw new ImageException($"Colour with {pixels.BitsAllocated} bits allocated: 8, 16 and 32 are possible.");
        }
        var length = (long)count * (pixels.BitsAllocated / 8);
        if (frame.Length < length)
        {
            throw new ImageException($"The frame has {frame.Length} bytes of {length}.");
        }
        if (pixels is { BitsAllocated: 8, BitsStored: 8 })
        {
            return frame[..count];
        }
        var output = new byte[count];
        for (var i = 0; i < count; i++)
        {
            output[i] = Sample(pixels, frame, i);
        }
        return output;
    }

    private static byte Sample(ImagePixels pixels, ReadOnlySpan<byte> frame, int index)
    {
        var sample = pixels.BitsAllocated switch
        {
            8 => frame[index],
            16 => BinaryPrimitives.ReadUInt16LittleEndian(frame[(2 * index)..]),
            _ => BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 * index)..]),
        };
        var stored = (sample >> (pixels.HighBit + 1 - pixels.BitsStored)) & (uint.MaxValue >> (32 - pixels.BitsStored));
        return SampleDepth.To8(stored, pixels.BitsStored);
    }
}

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
        Require(pixels, frame, 3L * count);
        var output = new byte[3 * count];
        if (pixels is { BitsAllocated: 8, BitsStored: 8, IsPlanar: false })
        {
            frame[..output.Length].CopyTo(output);
            return output;
        }
        var (pixelStep, channelStep) = pixels.IsPlanar ? (1, count) : (3, 1);
        for (int i = 0, at = 0; i < count; i++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                output[at++] = Sample(pixels, frame, (i * pixelStep) + (channel * channelStep));
            }
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
        var pairs = (count + 1) / 2;
        Require(pixels, frame, 4L * pairs);
        var output = new byte[3 * count];
        for (var i = 0; i < count; i++)
        {
            var pair = i / 2 * 4;
            output[3 * i] = Sample(pixels, frame, pair + (i % 2));
            output[(3 * i) + 1] = Sample(pixels, frame, pair + 2);
            output[(3 * i) + 2] = Sample(pixels, frame, pair + 3);
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

    private static void Require(ImagePixels pixels, ReadOnlySpan<byte> frame, long samples)
    {
        if (pixels.BitsAllocated is not (8 or 16 or 32))
        {
            throw new ImageException($"Colour with {pixels.BitsAllocated} bits allocated: 8, 16 and 32 are possible.");
        }
        var length = samples * (pixels.BitsAllocated / 8);
        if (frame.Length < length)
        {
            throw new ImageException($"The frame has {frame.Length} bytes of {length}.");
        }
    }
}

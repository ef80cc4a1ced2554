namespace VnaCloud.Imaging;

/// <summary>Native frames with the samples of each pixel side by side, as encoders take them.</summary>
internal static class NativeSamples
{
    /// <summary>Nothing has to be moved.</summary>
    public static bool AreByPixel(ImagePixels pixels) => pixels.Samples == 1 || !(pixels.IsPlanar || pixels.IsSubsampled);

    /// <summary>Planes are interleaved; YBR_FULL_422 gets its chroma at every pixel, as YBR_FULL (PS3.3 C.7.6.3.1.2).</summary>
    public static FrameSamples ByPixel(ImagePixels pixels, ReadOnlyMemory<byte> native, int mostBytes)
    {
        if (native.Length < pixels.FrameLength)
        {
            throw new ImageException($"The frame holds {native.Length} bytes, the instance says {pixels.FrameLength}.");
        }
        var isSubsampled = pixels is { IsSubsampled: true, Samples: 3 };
        var samples = FrameSamples.Rent(pixels with { IsPlanar = false, Photometric = isSubsampled ? "YBR_FULL" : pixels.Photometric }, mostBytes);
        if (isSubsampled)
        {
            Expand(native.Span, samples.Bytes.Span, pixels.BitsAllocated / 8);
        }
        else
        {
            Interleave(native.Span, samples.Bytes.Span, pixels);
        }
        return samples;
    }

    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> output, ImagePixels pixels)
    {
        var size = pixels.BitsAllocated / 8;
        var count = pixels.Rows * pixels.Columns;
        for (var sample = 0; sample < pixels.Samples; sample++)
        {
            var plane = planes.Slice(sample * count * size, count * size);
            for (var i = 0; i < count; i++)
            {
                plane.Slice(i * size, size).CopyTo(output[((i * pixels.Samples + sample) * size)..]);
            }
        }
    }

    // Y1 Y2 Cb Cr become Y1 Cb Cr, Y2 Cb Cr.
    private static void Expand(ReadOnlySpan<byte> pairs, Span<byte> output, int size)
    {
        for (var (from, to) = (0, 0); to + 6 * size <= output.Length; from += 4 * size, to += 6 * size)
        {
            var pair = pairs.Slice(from, 4 * size);
            for (var pixel = 0; pixel < 2; pixel++)
            {
                pair.Slice(pixel * size, size).CopyTo(output[(to + 3 * pixel * size)..]);
                pair.Slice(2 * size, 2 * size).CopyTo(output[(to + (3 * pixel + 1) * size)..]);
            }
        }
    }
}

namespace VnaCloud.Imaging;

/// <summary>Where the bytes of each segment lie in a native frame (PS3.5 section G.2: samples in their order, the most significant byte of each first).</summary>
/// <param name="Samples">Samples of a pixel.</param>
/// <param name="Bytes">Bytes of a sample; 1 where bits are packed.</param>
/// <param name="Length">Bytes that a segment decodes to.</param>
/// <param name="RowLength">Bytes of a segment that are a row, and are encoded on their own.</param>
internal readonly record struct RleLayout(int Samples, int Bytes, int Length, int RowLength)
{
    public int Segments => Samples * Bytes;

    /// <exception cref="ImageException">RLE has no place for such pixels.</exception>
    public static RleLayout Of(ImagePixels pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.IsSubsampled && pixels.Samples == 3)
        {
            throw new ImageException("YBR_FULL_422 has no RLE form: its samples are not one a pixel (PS3.5 Table 8.2.2-1).");
        }
        if (pixels.BitsAllocated == 1)
        {
            return Packed(pixels);
        }
        var bytes = pixels.BitsAllocated / 8;
        if (pixels.Samples * bytes > RleFrame.MaxSegments)
        {
            throw new ImageException($"{pixels.Samples} samples of {bytes} bytes need more than the {RleFrame.MaxSegments} segments of RLE.");
        }
        return new RleLayout(pixels.Samples, bytes, Limited((long)pixels.Rows * pixels.Columns), pixels.Columns);
    }

    /// <summary>The first byte of a segment in a frame.</summary>
    public int First(int segment, bool isPlanar)
    {
        var significance = Bytes - 1 - segment % Bytes;
        var sample = segment / Bytes;
        return sample * Bytes * (isPlanar ? Length : 1) + significance;
    }

    /// <summary>From one byte of a segment to its next in a frame.</summary>
    public int Stride(bool isPlanar) => isPlanar ? Bytes : Bytes * Samples;

    // Single bits: the frame's bytes as they are in native form, first pixel in the least significant bit (PS3.5 section 8.1.1), are the
    // one segment. So pydicom's authors made the only such files known; DCMTK 3.6.7 and GDCM 3.0 read none. Rows need not end on a byte.
    private static RleLayout Packed(ImagePixels pixels)
    {
        if (pixels.Samples != 1)
        {
            throw new ImageException($"{pixels.Samples} samples of one bit have no RLE form.");
        }
        var length = Limited(pixels.FrameLength);
        return new RleLayout(1, 1, length, pixels.Columns % 8 == 0 ? pixels.Columns / 8 : length);
    }

    // A frame is a span: whoever asks has no longer one at hand.
    private static int Limited(long length) => length <= int.MaxValue ? (int)length : throw new ImageException($"An RLE segment of {length} bytes is too long.");
}

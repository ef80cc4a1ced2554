using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VnaCloud.Imaging;

/// <summary>Moves samples between the one or two bytes that codecs give and take and the cells of native pixel data (Bits Allocated).</summary>
internal static class SampleCells
{
    /// <summary>Decoded samples into the cells of <paramref name="pixels"/>.</summary>
    /// <exception cref="ImageException">The stream holds another image than the instance says.</exception>
    public static void Put(in CodecImage image, ReadOnlySpan<byte> samples, ImagePixels pixels, Span<byte> cells)
    {
        if (image.Width != pixels.Columns || image.Height != pixels.Rows || image.Samples != pixels.Samples)
        {
            throw new ImageException($"The stream holds {image.Width} x {image.Height} pixels of {image.Samples} samples, the instance says {pixels.Columns} x {pixels.Rows} of {pixels.Samples}.");
        }
        switch (pixels.BitsAllocated, image.BytesOfSample)
        {
            case (8, 1) or (16, 2):
                samples.CopyTo(cells);
                break;
            case (16, 1):
                Widen(samples, image.Flags.HasFlag(CodecFlags.Signed), MemoryMarshal.Cast<byte, ushort>(cells));
                break;
            case (1, 1):
                Pack(samples, cells);
                break;
            default:
                throw new ImageException($"The stream holds samples of {image.Bits} bits, the instance says {pixels.BitsAllocated} bits allocated.");
        }
    }

    /// <summary>
    /// Lossy compression overshoots: where its samples are wider than Bits Stored, what lies beyond is its greatest or least value, not one
    /// whose upper bits nobody reads.
    /// </summary>
    public static void Clamp(ImagePixels pixels, Span<byte> cells)
    {
        var (least, most) = Range(pixels);
        foreach (ref var cell in MemoryMarshal.Cast<byte, ushort>(cells))
        {
            var value = pixels.IsSigned ? (short)cell : (int)cell;
            cell = (ushort)Math.Clamp(value, least, most);
        }
    }

    /// <summary>
    /// Bits and sign that a lossless codec must keep: Bits Stored where every cell holds nothing else, all of the cell where the bits above
    /// are used (overlays of old, or a high bit of its own).
    /// </summary>
    public static (int Bits, bool Signed) Significant(ImagePixels pixels, ReadOnlySpan<byte> cells)
    {
        if (pixels.HighBit != pixels.BitsStored - 1 || pixels.BitsStored == pixels.BitsAllocated)
        {
            return (pixels.BitsAllocated, pixels.IsSigned);
        }
        var range = Range(pixels);
        var fits = (pixels.BitsAllocated, pixels.IsSigned) switch
        {
            (8, false) => Fits(cells, range),
            (8, true) => Fits(MemoryMarshal.Cast<byte, sbyte>(cells), range),
            (_, false) => Fits(MemoryMarshal.Cast<byte, ushort>(cells), range),
            _ => Fits(MemoryMarshal.Cast<byte, short>(cells), range),
        };
        return (fits ? pixels.BitsStored : pixels.BitsAllocated, pixels.IsSigned);
    }

    private static bool Fits<T>(ReadOnlySpan<T> cells, (int Least, int Most) range)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (least, most) = (T.CreateChecked(range.Least), T.CreateChecked(range.Most));
        foreach (var cell in cells)
        {
            if (cell < least || cell > most)
            {
                return false;
            }
        }
        return true;
    }

    private static (int Least, int Most) Range(ImagePixels pixels) => pixels.IsSigned
        ? (-(1 << (pixels.BitsStored - 1)), (1 << (pixels.BitsStored - 1)) - 1)
        : (0, (1 << pixels.BitsStored) - 1);

    private static void Widen(ReadOnlySpan<byte> samples, bool signed, Span<ushort> cells)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            cells[i] = signed ? (ushort)(sbyte)samples[i] : samples[i];
        }
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(cells, cells);
        }
    }

    // The first pixel is the lowest bit (PS3.5 section 8.1.1).
    private static void Pack(ReadOnlySpan<byte> samples, Span<byte> cells)
    {
        cells.Clear();
        for (var i = 0; i < samples.Length; i++)
        {
            if (samples[i] != 0)
            {
                cells[i / 8] |= (byte)(1 << (i % 8));
            }
        }
    }
}

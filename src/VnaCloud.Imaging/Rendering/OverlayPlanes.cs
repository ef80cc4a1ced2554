using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// Graphic overlays (PS3.3 C.9.2) in a frame, white where they are drawn. Regions of interest, whose areas would hide what they name, are not
/// shown.
/// </summary>
public static class OverlayPlanes
{
    /// <summary>Bytes of an image's overlays that are read at most, besides short ones; 4 MiB, two mammograms'. Others are not shown.</summary>
    public const int MaxBytes = 4 << 20;

    private const uint FirstGroup = 0x6000, LastGroup = 0x601E, GroupStep = 2;

    /// <summary>Tags of the overlays' bits, (60xx,3000), in the order of their groups.</summary>
    public static IEnumerable<DicomTag> Data
    {
        get
        {
            for (var group = FirstGroup; group <= LastGroup; group += GroupStep)
            {
                yield return Tag(group, 0x3000);
            }
        }
    }

    /// <summary>Draws those of a frame.</summary>
    /// <param name="pixels">How the frame's samples lie.</param>
    /// <param name="frame">The native frame: overlays of old lie in its unused bits.</param>
    /// <param name="dataSet">The instance's header.</param>
    /// <param name="number">Number of the frame, from 0.</param>
    /// <param name="samples">The picture of the whole frame.</param>
    internal static void Draw(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet, int number, Span<byte> samples)
    {
        for (var group = FirstGroup; group <= LastGroup; group += GroupStep)
        {
            if (dataSet.String(Tag(group, 0x0040)).Trim(' ', '\0') != "G")
            {
                continue;
            }
            if (dataSet[Tag(group, 0x3000)] is { IsLocatedOnly: false, IsEmpty: false } bits)
            {
                DrawPlane(pixels, dataSet, group, bits, number, samples);
            }
            else if (dataSet[Tag(group, 0x3000)] is null)
            {
                DrawUnusedBits(pixels, frame, dataSet, group, samples);
            }
        }
    }

    private static void DrawPlane(ImagePixels pixels, DicomDataSet dataSet, uint group, DicomElement element, int number, Span<byte> samples)
    {
        if (dataSet.Integer(Tag(group, 0x0010)) is not (> 0 and <= ImagePixels.MaxExtent and var rows) || dataSet.Integer(Tag(group, 0x0011)) is not (> 0 and <= ImagePixels.MaxExtent and var columns))
        {
            return;
        }
        // Without Number of Frames and Image Frame Origin it belongs to the image, whatever frames that has.
        var (frames, origin) = (dataSet.Integer(Tag(group, 0x0015)), dataSet.Integer(Tag(group, 0x0051)));
        var plane = frames is null && origin is null ? 0 : number - ((origin ?? 1) - 1);
        if (plane < 0 || plane >= Math.Max(1, frames ?? 1))
        {
            return;
        }
        var (top, left) = ((dataSet.Real(Tag(group, 0x0050)) ?? 1) - 1, (dataSet.Real(Tag(group, 0x0050), 1) ?? 1) - 1);
        var bits = ByteOrder.Swapped(element.Value.Span, element.IsBigEndian ? element.Vr.SwapUnit() : 1);
        var start = plane * rows * columns;
        var channels = samples.Length / (pixels.Rows * pixels.Columns);
        for (var row = Math.Max(0, (long)-top); row < Math.Min(rows, pixels.Rows - (long)top); row++)
        {
            for (var column = Math.Max(0, (long)-left); column < Math.Min(columns, pixels.Columns - (long)left); column++)
            {
                var bit = start + (row * columns) + column;
                if (bit >> 3 < bits.Length && (bits[(int)(bit >> 3)] >> (int)(bit & 7) & 1) != 0)
                {
                    samples.Slice((int)((((row + (long)top) * pixels.Columns) + column + (long)left) * channels), channels).Fill(255);
                }
            }
        }
    }

    // Retired, and common in old images: Overlay Bit Position names a bit of the pixel cells (PS3.3-2004 C.9.2).
    private static void DrawUnusedBits(ImagePixels pixels, ReadOnlySpan<byte> frame, DicomDataSet dataSet, uint group, Span<byte> samples)
    {
        if (pixels is not { Samples: 1, BitsAllocated: 8 or 16 } || dataSet.Integer(Tag(group, 0x0100)) != pixels.BitsAllocated
            || dataSet.Integer(Tag(group, 0x0102)) is not (>= 0 and var position) || position >= pixels.BitsAllocated
            || (position <= pixels.HighBit && position > pixels.HighBit - pixels.BitsStored))
        {
            return;
        }
        var (bytes, count) = (pixels.BitsAllocated / 8, pixels.Rows * pixels.Columns);
        var channels = samples.Length / count;
        for (var i = 0; i < count; i++)
        {
            if ((frame[(i * bytes) + (int)(position >> 3)] >> (int)(position & 7) & 1) != 0)
            {
                samples.Slice(i * channels, channels).Fill(255);
            }
        }
    }

    private static DicomTag Tag(uint group, uint element) => new((group << 16) | element);
}

using System.Buffers.Binary;

namespace VnaCloud.Dicom;

public static partial class FrameLocator
{
    private static FrameLocations Encapsulated(DicomDataSet dataSet, EncapsulatedPixelData pixels, TransferSyntax transferSyntax)
    {
        var declared = FramesDeclared(dataSet);
        var fragments = pixels.Fragments;
        FrameLocations Answer(FrameLayout layout, List<FrameRange> ranges, bool consistent) =>
            new(layout, ranges.Count, pixels.Offset, pixels.Length, 0, ranges, consistent);
        if (declared is null || fragments.Count == 0 || declared > MaxFrames || (transferSyntax.IsVideo && declared > 1))
        {
            // A video's frames are not apart in the stream (PS3.5 section 8.2.5).
            return Answer(FrameLayout.Unknown, [], declared is not null && transferSyntax.IsVideo);
        }
        var frames = (int)declared.Value;
        if (frames == 1)
        {
            return Answer(FrameLayout.Encapsulated, [Range(fragments, 0, fragments.Count)], true);
        }
        var starts = FromExtendedTable(dataSet, fragments, frames) ?? FromBasicTable(pixels, frames) ?? FromFragments(fragments, frames);
        if (starts is null)
        {
            return Answer(FrameLayout.Unknown, [], false);
        }
        var ranges = new List<FrameRange>(starts.Count);
        for (var i = 0; i < starts.Count; i++)
        {
            ranges.Add(Range(fragments, starts[i], i + 1 < starts.Count ? starts[i + 1] : fragments.Count));
        }
        return Answer(FrameLayout.Encapsulated, ranges, true);
    }

    private static FrameRange Range(IReadOnlyList<PixelFragment> fragments, int first, int end)
    {
        var last = fragments[end - 1];
        return new FrameRange(fragments[first].Offset, last.Offset + 8 + last.Length - fragments[first].Offset, end - first);
    }

    // Extended Offset Table (7FE0,0001), PS3.3 C.7.6.3.1.8: 64-bit offsets from the first fragment's item header.
    private static List<int>? FromExtendedTable(DicomDataSet dataSet, IReadOnlyList<PixelFragment> fragments, int frames)
    {
        if (dataSet[DicomTags.ExtendedOffsetTable] is not { IsLocatedOnly: false } table || table.Value.Length != 8L * frames)
        {
            return null;
        }
        var bytes = table.Value;
        return FromOffsets(fragments, frames, i => BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[(8 * i)..]));
    }

    private static List<int>? FromBasicTable(EncapsulatedPixelData pixels, int frames) =>
        pixels.BasicOffsetTable.Count == frames ? FromOffsets(pixels.Fragments, frames, i => pixels.BasicOffsetTable[i]) : null;

    // A table is believed only when each entry is the start of a fragment, in ascending order: else it would serve foreign bytes.
    private static List<int>? FromOffsets(IReadOnlyList<PixelFragment> fragments, int frames, Func<int, ulong> offsetOf)
    {
        var starts = new List<int>(Math.Min(frames, fragments.Count));
        var fragment = 0;
        for (var i = 0; i < frames; i++)
        {
            var offset = offsetOf(i);
            while (fragment < fragments.Count && (ulong)(fragments[fragment].Offset - fragments[0].Offset) < offset)
            {
                fragment++;
            }
            if (fragment == fragments.Count || (ulong)(fragments[fragment].Offset - fragments[0].Offset) != offset || (i == 0 && fragment != 0))
            {
                return null;
            }
            starts.Add(fragment++);
        }
        return starts;
    }

    // No table: one fragment a frame, or frames told by the beginnings of their codestreams.
    private static List<int>? FromFragments(IReadOnlyList<PixelFragment> fragments, int frames)
    {
        var filled = new List<int>();
        for (var i = 0; i < fragments.Count; i++)
        {
            if (fragments[i].Length > 0)
            {
                filled.Add(i);
            }
        }
        if (filled.Count == frames)
        {
            return filled;
        }
        if (filled.Count < frames)
        {
            return filled.Count == 0 ? null : filled;
        }
        var starts = filled.FindAll(i => BeginsCodestream(fragments[i].Head));
        return starts.Count == frames && starts[0] == filled[0] ? starts : null;
    }

    // SOI of JPEG and JPEG-LS, SOC of JPEG 2000 and HTJ2K, the JP2 signature box, SOC and container of JPEG XL.
    private static bool BeginsCodestream(uint head) => head >> 8 == 0xFFD8FF || head >> 16 is 0xFF4F or 0xFF0A || head == 0x0000_000C;
}

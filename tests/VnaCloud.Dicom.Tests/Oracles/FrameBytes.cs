using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Oracles;

/// <summary>Frames as the archive serves them: ranges of the file by <see cref="FrameLocator"/>, item headers left out.</summary>
internal static class FrameBytes
{
    public static FrameLocations Locate(ReadFile file) => FrameLocator.Locate(file.DataSet, file.Reader.TransferSyntax);

    public static IEnumerable<byte[]> All(ReadFile file)
    {
        var frames = Locate(file);
        for (var i = 0; i < frames.Count; i++)
        {
            yield return frames.Layout switch
            {
                FrameLayout.Native => Native(file, frames, i),
                FrameLayout.NativeBits => Bits(file, frames, i),
                _ => FrameFragments.Join(file.Bytes.Span, frames.Ranges[i]),
            };
        }
    }

    private static byte[] Native(ReadFile file, FrameLocations frames, int index)
    {
        var length = (int)frames.FrameLength;
        var unit = Unit(file);
        // Words of 16 bits that hold 8-bit samples reach over the ends of a frame of odd length.
        var start = index * (long)length;
        var before = (int)(start % unit);
        var stretch = (int)Math.Min(Align(before + length, unit), frames.PixelLength - (start - before));
        var bytes = ByteOrder.Swapped(file.Bytes.Span.Slice((int)(frames.PixelOffset + start - before), stretch), unit);
        return bytes.AsSpan(before, length).ToArray();
    }

    private static byte[] Bits(ReadFile file, FrameLocations frames, int index)
    {
        var pixels = ByteOrder.Swapped(file.Bytes.Span.Slice((int)frames.PixelOffset, (int)frames.PixelLength), Unit(file));
        var first = index * frames.FrameLength;
        var frame = new byte[(frames.FrameLength + 7) / 8];
        BitFrames.Extract(pixels.AsSpan((int)(first / 8)), (int)(first % 8), frames.FrameLength, frame);
        return frame;
    }

    private static int Unit(ReadFile file) => file.Reader.TransferSyntax.IsBigEndian ? PixelByteOrder.SwapUnit(file.DataSet) : 1;

    private static int Align(int length, int unit) => (length + unit - 1) / unit * unit;
}

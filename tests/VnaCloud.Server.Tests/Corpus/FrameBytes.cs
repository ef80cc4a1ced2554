using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>What a frame's bytes are, from a file in memory: the pixel value cut as <see cref="FrameLocator"/> says.</summary>
internal static class FrameBytes
{
    public static async Task<(FrameLocations Frames, IReadOnlyList<byte[]> Bytes)> ReadAsync(byte[] file)
    {
        var reader = await DicomReader.ReadAsync(new MemorySource(file), new DicomReadOptions { KeepPixelData = long.MaxValue });
        var frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
        return (frames, [.. Enumerable.Range(0, frames.Count).Select(frame => Frame(file, reader, frames, frame))]);
    }

    private static byte[] Frame(byte[] file, DicomReader reader, FrameLocations frames, int frame)
    {
        if (frames.Layout == FrameLayout.Encapsulated)
        {
            return FrameFragments.Join(file, frames.Ranges[frame]);
        }
        var pixels = reader.DataSet[DicomTags.PixelData] ?? reader.DataSet[DicomTags.FloatPixelData] ?? reader.DataSet[DicomTags.DoubleFloatPixelData]!;
        var value = pixels.IsBigEndian ? ByteOrder.Swapped(pixels.Value.Span, PixelByteOrder.SwapUnit(reader.DataSet)) : pixels.Value.ToArray();
        if (frames.Layout == FrameLayout.Native)
        {
            return value.AsSpan((int)(frame * frames.FrameLength), (int)frames.FrameLength).ToArray();
        }
        var bits = new byte[(frames.FrameLength + 7) / 8];
        for (var i = 0L; i < frames.FrameLength; i++)
        {
            var at = frame * frames.FrameLength + i;
            bits[i / 8] |= (byte)((value[at / 8] >> (int)(at % 8) & 1) << (int)(i % 8));
        }
        return bits;
    }
}

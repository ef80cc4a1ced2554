using VnaCloud.Dicom;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>What a frame's bytes are, from a file in memory: the pixel value cut as <see cref="FrameLocator"/> says.</summary>
internal static class FrameBytes
{
    public static async Task<(FrameLocations Frames, IReadOnlyList<byte[]> Bytes)> ReadAsync(byte[] file)
    {
        var reader = await DicomReader.ReadAsync(new MemorySource(file), new DicomReadOptions { KeepPixelData = long.MaxValue });
        var frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
        var pixels = reader.DataSet[DicomTags.PixelData] ?? reader.DataSet[DicomTags.FloatPixelData] ?? reader.DataSet[DicomTags.DoubleFloatPixelData];
        return (frames, [.. Enumerable.Range(0, frames.Count).Select(frame => Frame(reader, frames, pixels!, frame))]);
    }

    private static byte[] Frame(DicomReader reader, FrameLocations frames, DicomElement pixels, int frame)
    {
        if (frames.Layout == FrameLayout.Encapsulated)
        {
            var range = frames.Ranges[frame];
            var fragments = pixels.Fragments!;
            return [.. fragments.Fragments.Select((fragment, index) => (fragment, index))
                .Where(pair => pair.fragment.Offset >= range.Offset && pair.fragment.Offset < range.Offset + range.Length)
                .SelectMany(pair => fragments.Values![pair.index].ToArray())];
        }
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

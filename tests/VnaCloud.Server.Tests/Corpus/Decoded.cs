using VnaCloud.Dicom;
using VnaCloud.Imaging;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>A file with all of its frames decoded, pixel by pixel.</summary>
internal sealed record Decoded(string Syntax, bool IsLossy, DicomDataSet DataSet, ImagePixels Pixels, IReadOnlyList<byte[]> Frames)
{
    private static readonly CodecPool Pool = new(new CodecOptions { Program = NativeCodecs.Program, Workers = 2 }, TimeProvider.System);

    public static async Task<Decoded> ReadAsync(byte[] file)
    {
        var reader = await DicomReader.ReadAsync(new MemorySource(file), new DicomReadOptions { KeepPixelData = long.MaxValue });
        var (pixels, locations) = (ImagePixels.Of(reader.DataSet), FrameLocator.Locate(reader.DataSet, reader.TransferSyntax));
        var frames = new List<byte[]>();
        for (var i = 0; i < locations.Count; i++)
        {
            if (locations.Layout != FrameLayout.Encapsulated)
            {
                frames.Add(ByPixel(Native(reader, locations, i), pixels));
                continue;
            }
            using var samples = await new FrameDecoder(Pool).DecodeAsync(reader.TransferSyntax, pixels, FrameFragments.Join(file, locations.Ranges[i]), default);
            frames.Add(ByPixel(samples.Bytes.ToArray(), samples.Pixels));
        }
        var decoded = locations.Layout == FrameLayout.Encapsulated ? FrameDecoder.Decoded(reader.TransferSyntax, pixels) : pixels;
        return new Decoded(reader.TransferSyntax.Uid, reader.TransferSyntax.IsLossy, reader.DataSet, decoded, frames);
    }

    private static byte[] Native(DicomReader reader, FrameLocations locations, int frame)
    {
        var element = reader.DataSet[DicomTags.PixelData] ?? reader.DataSet[DicomTags.FloatPixelData] ?? reader.DataSet[DicomTags.DoubleFloatPixelData]!;
        var unit = element.IsBigEndian ? PixelByteOrder.SwapUnit(reader.DataSet) : 1;
        var all = unit > 1 ? ByteOrder.Swapped(element.Value.Span, unit) : element.Value.ToArray();
        if (locations.Layout == FrameLayout.NativeBits)
        {
            var bits = new byte[(locations.FrameLength + 7) / 8];
            var first = frame * locations.FrameLength;
            BitFrames.Extract(all.AsSpan((int)(first / 8)), (int)(first % 8), locations.FrameLength, bits);
            return bits;
        }
        return all.AsSpan((int)(frame * locations.FrameLength), (int)locations.FrameLength).ToArray();
    }

    private static byte[] ByPixel(byte[] frame, ImagePixels pixels)
    {
        if (!pixels.IsPlanar || pixels.Samples == 1)
        {
            return frame;
        }
        var (size, count) = (pixels.BitsAllocated / 8, pixels.Rows * pixels.Columns);
        var mixed = new byte[frame.Length];
        for (var i = 0; i < count * pixels.Samples; i++)
        {
            frame.AsSpan((i % pixels.Samples * count + i / pixels.Samples) * size, size).CopyTo(mixed.AsSpan(i * size));
        }
        return mixed;
    }
}

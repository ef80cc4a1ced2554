using System.Buffers.Binary;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests;

/// <summary>The frames of a DICOM file: encapsulated ones without their item headers, native ones by pixel.</summary>
internal sealed record PixelFile(ImagePixels Pixels, TransferSyntax Syntax, DicomDataSet DataSet, IReadOnlyList<byte[]> Frames)
{
    /// <summary>The corpus files of these transfer syntaxes that have pixel data.</summary>
    public static IEnumerable<CorpusFile> Corpus(params string[] syntaxes) =>
        TestKit.Corpus.Valid.Where(file => syntaxes.Contains(file.TransferSyntaxUid));

    public static async Task<PixelFile> OpenAsync(string path)
    {
        var bytes = await File.ReadAllBytesAsync(path);
        var reader = await DicomReader.ReadAsync(new MemorySource(bytes));
        var located = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
        if (located.Layout is FrameLayout.None)
        {
            throw new ImageException("no pixel data");
        }
        var pixels = ImagePixels.Of(reader.DataSet);
        var frames = Enumerable.Range(0, located.Count).Select(i => located.Layout switch
        {
            FrameLayout.Native => ByPixel(bytes.AsSpan((int)(located.PixelOffset + i * located.FrameLength), (int)located.FrameLength), pixels),
            FrameLayout.NativeBits => Bits(bytes, located, i),
            _ => WithoutHeaders(bytes.AsSpan((int)located.Ranges[i].Offset, (int)located.Ranges[i].Length)),
        });
        return new PixelFile(pixels, reader.TransferSyntax, reader.DataSet, [.. frames]);
    }

    /// <summary>Samples of a plane-by-plane frame by pixel; any other frame as it is.</summary>
    public static byte[] ByPixel(ReadOnlySpan<byte> frame, ImagePixels pixels)
    {
        if (!pixels.IsPlanar || pixels.Samples == 1)
        {
            return frame.ToArray();
        }
        var size = pixels.BitsAllocated / 8;
        var plane = frame.Length / pixels.Samples;
        var result = new byte[frame.Length];
        for (var i = 0; i < frame.Length; i++)
        {
            var (sample, at) = (i / plane, i % plane);
            result[((at / size * pixels.Samples) + sample) * size + at % size] = frame[i];
        }
        return result;
    }

    /// <summary>A PS3.10 file of frames, for tools that read nothing less.</summary>
    public static byte[] Wrap(IReadOnlyList<byte[]> frames, ImagePixels pixels, string syntax)
    {
        var spec = new InstanceSpec("2.25.1", "2.25.2", "2.25.3") { SopClass = "1.2.840.10008.5.1.4.1.1.7", Syntax = TransferSyntax.Get(syntax) };
        var dataSet = Instances.DataSet(spec with { Syntax = TransferSyntax.ExplicitVrLittleEndian })
            .Set(DicomTags.Rows, (ushort)pixels.Rows).Set(DicomTags.Columns, (ushort)pixels.Columns)
            .Set(DicomTags.SamplesPerPixel, (ushort)pixels.Samples).Set(DicomTags.BitsAllocated, (ushort)pixels.BitsAllocated)
            .Set(DicomTags.BitsStored, (ushort)pixels.BitsStored).Set(DicomTags.HighBit, (ushort)pixels.HighBit)
            .Set(DicomTags.PhotometricInterpretation, DicomVr.CS, pixels.Photometric).Set(DicomTags.NumberOfFrames, DicomVr.IS, $"{frames.Count}");
        if (pixels.Samples > 1)
        {
            dataSet.Set(DicomTags.PlanarConfiguration, (ushort)0);
        }
        dataSet.Remove(DicomTags.PixelData);
        // Pixel Data comes last: VR and undefined length, an empty Basic Offset Table, an item a frame, the sequence delimitation item.
        return
        [
            .. Instances.File(spec, dataSet), 0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
            .. Item([]), .. frames.SelectMany(Item), 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0,
        ];
    }

    private static byte[] Item(byte[] frame)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, (frame.Length + 1) & ~1);
        return [0xFE, 0xFF, 0, 0xE0, .. length, .. frame, .. new byte[frame.Length & 1]];
    }

    private static byte[] Bits(byte[] bytes, FrameLocations located, int index)
    {
        var frame = new byte[(located.FrameLength + 7) / 8];
        var first = index * located.FrameLength;
        BitFrames.Extract(bytes.AsSpan((int)(located.PixelOffset + first / 8)), (int)(first % 8), located.FrameLength, frame);
        return frame;
    }

    private static byte[] WithoutHeaders(ReadOnlySpan<byte> range)
    {
        var frame = new List<byte>(range.Length);
        while (range.Length > 0)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(range[4..]);
            frame.AddRange(range.Slice(8, length));
            range = range[(8 + length)..];
        }
        return [.. frame];
    }
}

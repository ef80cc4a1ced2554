using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Rendering;

/// <summary>An image of the corpus, in memory, with its frames in little endian; of a compressed one the first frame, decoded.</summary>
internal sealed record NativeImage(CorpusFile File, DicomDataSet DataSet, ImagePixels Pixels, FrameLocations Frames, byte[] PixelData)
{
    private static readonly string[] NativeSyntaxes =
        ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"];

    /// <summary>Files of the corpus that may hold one.</summary>
    public static IEnumerable<CorpusFile> Candidates =>
        Corpus.Valid.Where(file => NativeSyntaxes.Contains(file.TransferSyntaxUid) && file.Length < 200_000_000);

    /// <summary>Files that may hold a compressed one.</summary>
    public static IEnumerable<CorpusFile> Compressed =>
        Corpus.Valid.Where(file => TransferSyntax.Get(file.TransferSyntaxUid) is { IsEncapsulated: true } syntax && FrameDecoder.IsSupported(syntax) && file.Length < 200_000_000);

    /// <summary>The first frame of a compressed image, or null where it cannot be decoded.</summary>
    public static async Task<NativeImage?> OpenCompressedAsync(CorpusFile file, FrameDecoder decoder)
    {
        try
        {
            var stored = await Imaging.Tests.Frames.StoredFrames.ReadAsync(file);
            var pixels = ImagePixels.Of(stored.DataSet);
            if (stored.Count == 0)
            {
                return null;
            }
            using var frame = await decoder.DecodeAsync(stored.Syntax, pixels, stored.Frame(0), default);
            var frames = new FrameLocations(FrameLayout.Native, 1, 0, frame.Length, frame.Length, [], true);
            return new NativeImage(file, stored.DataSet, frame.Pixels, frames, frame.Bytes.ToArray());
        }
        catch (Exception refused) when (refused is DicomFormatException or ImageException)
        {
            return null;
        }
    }

    /// <summary>The image, or null where the file has none whose frames can be told apart.</summary>
    public static async Task<NativeImage?> OpenAsync(CorpusFile file)
    {
        DicomReader reader;
        try
        {
            reader = await DicomReader.ReadAsync(new MemorySource(file.ReadBytes()), new DicomReadOptions { KeepPixelData = long.MaxValue });
        }
        catch (DicomFormatException)
        {
            return null;
        }
        var data = reader.DataSet;
        var element = data[DicomTags.PixelData] ?? data[DicomTags.FloatPixelData] ?? data[DicomTags.DoubleFloatPixelData];
        var frames = FrameLocator.Locate(data, reader.TransferSyntax);
        if (element is null || frames.Count == 0 || frames.Layout is not (FrameLayout.Native or FrameLayout.NativeBits))
        {
            return null;
        }
        var unit = reader.TransferSyntax.IsBigEndian ? PixelByteOrder.SwapUnit(data) : 1;
        return new NativeImage(file, data, ImagePixels.Of(data), frames, ByteOrder.Swapped(element.Value.Span, unit));
    }

    /// <summary>A frame as the archive would hand it to rendering.</summary>
    public byte[] Frame(int number)
    {
        if (Frames.Layout == FrameLayout.Native)
        {
            return PixelData.AsSpan((int)(number * Frames.FrameLength), (int)Frames.FrameLength).ToArray();
        }
        var first = number * Frames.FrameLength;
        var frame = new byte[(Frames.FrameLength + 7) / 8];
        BitFrames.Extract(PixelData.AsSpan((int)(first / 8)), (int)(first % 8), Frames.FrameLength, frame);
        return frame;
    }

    public Picture Render(int number = 0, RenderOptions? options = null) => FrameRenderer.Render(Pixels, Frame(number), DataSet, number, options);
}

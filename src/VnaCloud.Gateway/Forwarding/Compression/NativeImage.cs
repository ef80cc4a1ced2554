using VnaCloud.Dicom;
using VnaCloud.Gateway.Spool;
using VnaCloud.Imaging;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>A file of which nothing but the pixel data needs to change to be compressed: the bytes before and behind it stay as they are.</summary>
internal sealed record NativeImage(DicomDataSet FileMeta, ImagePixels Pixels, FrameLocations Frames, long DataSetOffset, long ElementOffset)
{
    /// <summary>Tag, VR, two reserved bytes and length of a long value (PS3.5 7.1.2).</summary>
    public const int ElementHeaderBytes = 12;

    /// <summary>First byte behind the pixel data.</summary>
    public long End => Frames.PixelOffset + Frames.PixelLength;

    /// <summary>Null for everything else, and for everything of which that is in doubt.</summary>
    /// <param name="file">A PS3.10 file.</param>
    /// <param name="target">What it is to become.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ImageException">What it says of its pixels contradicts itself.</exception>
    public static async Task<NativeImage?> FindAsync(FileStream file, TransferSyntax target, CancellationToken cancellation)
    {
        using var source = new StreamSource(file, 16 * 1024);
        await using var reader = ObjectFacts.Open(source);
        await reader.ReadFileMetaAsync(cancellation);
        if (reader.TransferSyntax.Uid != TransferSyntax.ExplicitVrLittleEndian.Uid)
        {
            return null;
        }
        await reader.ReadDataSetAsync(cancellation);
        var frames = FrameLocator.Locate(reader.DataSet, reader.TransferSyntax);
        if (reader.DataSet[DicomTags.PixelData] is null || frames is not { Layout: FrameLayout.Native, IsConsistent: true, Count: > 0 }
            || frames.PixelLength != frames.Count * frames.FrameLength)
        {
            return null;
        }
        var pixels = ImagePixels.Of(reader.DataSet);
        // No attribute may have to say something else: no colour transform, no other order of samples.
        return pixels.FrameLength == frames.FrameLength && pixels.Frames == frames.Count && FrameEncoder.Encoded(target, pixels) == pixels
            ? new NativeImage(reader.FileMeta, pixels, frames, reader.DataSetOffset, frames.PixelOffset - ElementHeaderBytes)
            : null;
    }

    /// <summary>Whether the element's header is what it should be, and no group length (7FE0,0000) stands before it, which would be wrong afterwards.</summary>
    /// <param name="before">The twenty-four bytes before the value.</param>
    public static bool IsPlain(ReadOnlySpan<byte> before) =>
        before[ElementHeaderBytes..].StartsWith<byte>([0xE0, 0x7F, 0x10, 0x00, (byte)'O']) && !before.StartsWith<byte>([0xE0, 0x7F, 0x00, 0x00]);
}

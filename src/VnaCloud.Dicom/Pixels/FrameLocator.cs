namespace VnaCloud.Dicom;

/// <summary>How the frames of an instance lie in its bytes.</summary>
public enum FrameLayout : byte
{
    /// <summary>No pixel data.</summary>
    None = 0,

    /// <summary>Native frames of one length, one after the other.</summary>
    Native = 1,

    /// <summary>Native one-bit frames, packed without alignment: a frame may start inside a byte (PS3.5 section 8.1.1).</summary>
    NativeBits = 2,

    /// <summary>Encapsulated: one range a frame.</summary>
    Encapsulated = 3,

    /// <summary>There is pixel data, but no frame can be told from its neighbour: frames are refused, the whole value is served.</summary>
    Unknown = 4,
}

/// <summary>The place of an encapsulated frame: from the first fragment's item header to the end of its last fragment.</summary>
/// <param name="Offset">Of the first item header, from the start of the file (deflated: as if inflated in place).</param>
/// <param name="Length">Bytes, item headers included.</param>
/// <param name="Fragments">Fragments of the frame; their item headers are not part of it.</param>
public readonly record struct FrameRange(long Offset, long Length, int Fragments);

/// <summary>The frames of a data set.</summary>
/// <param name="Layout">How they lie.</param>
/// <param name="Count">Frames that can be told apart and are all there.</param>
/// <param name="PixelOffset">First byte of the pixel data's value; encapsulated: of the Basic Offset Table item's header.</param>
/// <param name="PixelLength">Bytes of the value; encapsulated: up to and without the sequence delimitation item.</param>
/// <param name="FrameLength">Native: bytes of a frame; <see cref="FrameLayout.NativeBits"/>: bits.</param>
/// <param name="Ranges">Encapsulated: a range for each frame.</param>
/// <param name="IsConsistent">False when Rows, Columns, Number of Frames and the like are no numbers to compute with, or do not agree with native pixel data.</param>
public sealed record FrameLocations(FrameLayout Layout, int Count, long PixelOffset, long PixelLength, long FrameLength, IReadOnlyList<FrameRange> Ranges, bool IsConsistent);

/// <summary>Finds frames from the attributes of the Image Pixel module (PS3.3 C.7.6.3) and the offset tables (PS3.5 section A.4).</summary>
public static partial class FrameLocator
{
    /// <summary>Most frames of one instance that are told apart; 4,194,304.</summary>
    public const int MaxFrames = 1 << 22;

    /// <summary>Locates the frames of a data set read by <see cref="DicomReader"/>. Never throws for what attributes claim.</summary>
    public static FrameLocations Locate(DicomDataSet dataSet, TransferSyntax transferSyntax)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(transferSyntax);
        var pixels = dataSet[DicomTags.PixelData] ?? dataSet[DicomTags.FloatPixelData] ?? dataSet[DicomTags.DoubleFloatPixelData];
        if (pixels is null)
        {
            return new FrameLocations(FrameLayout.None, 0, 0, 0, 0, [], FramesDeclared(dataSet) is not null);
        }
        return pixels.Fragments is { } encapsulated
            ? Encapsulated(dataSet, encapsulated, transferSyntax)
            : Native(dataSet, pixels);
    }

    private static FrameLocations Native(DicomDataSet dataSet, DicomElement pixels)
    {
        var declared = FramesDeclared(dataSet);
        var rows = Dimension(dataSet, DicomTags.Rows);
        var columns = Dimension(dataSet, DicomTags.Columns);
        var samples = dataSet[DicomTags.SamplesPerPixel] is null ? 1 : Dimension(dataSet, DicomTags.SamplesPerPixel);
        var bits = BitsAllocated(dataSet, pixels.Tag);
        if (declared is null || rows == 0 || columns == 0 || samples is 0 or > 4 || bits == 0)
        {
            return new FrameLocations(FrameLayout.Unknown, 0, pixels.Offset, pixels.Length, 0, [], pixels.Length == 0 && rows == 0);
        }
        // At most 2^16 * 2^16 * 4 * 64 = 2^40 bits.
        var frameBits = (long)rows * columns * samples * bits;
        var frames = declared.Value;
        if (samples == 3 && dataSet.String(DicomTags.PhotometricInterpretation) == "YBR_FULL_422" && pixels.Length < ((frameBits + 7) / 8) * frames)
        {
            // PS3.3 C.7.6.3.1.2: each two pixels share their chrominance, four samples where six would be.
            frameBits = frameBits / 3 * 2;
        }
        if (frameBits % 8 != 0)
        {
            var held = (int)Math.Min(frames, Math.Min(pixels.Length * 8 / frameBits, MaxFrames));
            return new FrameLocations(FrameLayout.NativeBits, held, pixels.Offset, pixels.Length, frameBits, [], held == frames && pixels.Length <= (frameBits * frames + 7) / 8 + 1);
        }
        var length = frameBits / 8;
        var count = (int)Math.Min(frames, Math.Min(pixels.Length / length, MaxFrames));
        return new FrameLocations(FrameLayout.Native, count, pixels.Offset, pixels.Length, length, [], count == frames && pixels.Length <= length * frames + 1);
    }

    // Number of Frames (0028,0008); 1 when absent or empty; null when it is not a positive number.
    private static long? FramesDeclared(DicomDataSet dataSet)
    {
        if (dataSet[DicomTags.NumberOfFrames] is not { IsEmpty: false })
        {
            return 1;
        }
        return dataSet.Integer(DicomTags.NumberOfFrames) is { } frames and > 0 and <= int.MaxValue ? frames : null;
    }

    // US with one value: anything else (text, 32 bits, two values) is not a dimension to compute with.
    private static int Dimension(DicomDataSet dataSet, DicomTag tag) =>
        dataSet[tag] is { Vr: DicomVr.US, Length: 2 } && dataSet.Integer(tag) is { } value ? (int)value : 0;

    private static int BitsAllocated(DicomDataSet dataSet, DicomTag pixels)
    {
        if (pixels == DicomTags.FloatPixelData)
        {
            return 32;
        }
        if (pixels == DicomTags.DoubleFloatPixelData)
        {
            return 64;
        }
        return Dimension(dataSet, DicomTags.BitsAllocated) is var bits and (1 or 8 or 16 or 24 or 32 or 64) ? bits : 0;
    }
}

using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>How the samples of an image are to be read: the Image Pixel Module (PS3.3 C.7.6.3) of one instance.</summary>
public sealed record ImagePixels
{
    /// <summary>Rows and columns are US: this many at most.</summary>
    public const int MaxExtent = ushort.MaxValue;

    /// <summary>Pixels downwards, (0028,0010).</summary>
    public required int Rows { get; init; }

    /// <summary>Pixels across, (0028,0011).</summary>
    public required int Columns { get; init; }

    /// <summary>1 or 3 samples of a pixel, (0028,0002).</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Bits that a sample takes: 1, 8, 16, 32 or 64, (0028,0100).</summary>
    public required int BitsAllocated { get; init; }

    /// <summary>Bits of a sample that are its value, (0028,0101).</summary>
    public required int BitsStored { get; init; }

    /// <summary>The most significant bit of the value, from 0, (0028,0102).</summary>
    public required int HighBit { get; init; }

    /// <summary>Two's complement, (0028,0103).</summary>
    public bool IsSigned { get; init; }

    /// <summary>Samples of one colour follow each other, plane by plane, (0028,0006); else those of one pixel do.</summary>
    public bool IsPlanar { get; init; }

    /// <summary>Photometric Interpretation, (0028,0004), such as <c>MONOCHROME2</c>.</summary>
    public required string Photometric { get; init; }

    /// <summary>Frames, (0028,0008); at least 1.</summary>
    public int Frames { get; init; } = 1;

    /// <summary>One sample, no colour.</summary>
    public bool IsMonochrome => Photometric is "MONOCHROME1" or "MONOCHROME2";

    /// <summary>YBR_FULL_422 in native form has two pixels in four samples (PS3.3 C.7.6.3.1.2).</summary>
    public bool IsSubsampled => Photometric == "YBR_FULL_422";

    /// <summary>Bits of a native frame.</summary>
    public long FrameBits => (long)Rows * Columns * (IsSubsampled && Samples == 3 ? 2 : Samples) * BitsAllocated;

    /// <summary>Bytes of a native frame that starts on a byte.</summary>
    public long FrameLength => (FrameBits + 7) / 8;

    /// <summary>Reads the module.</summary>
    /// <exception cref="ImageException">It is missing, or contradicts itself.</exception>
    public static ImagePixels Of(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        var allocated = Number(dataSet, DicomTags.BitsAllocated, 0, 64);
        var stored = dataSet[DicomTags.BitsStored] is { IsEmpty: false } ? Number(dataSet, DicomTags.BitsStored, 1, allocated) : allocated;
        var pixels = new ImagePixels
        {
            Rows = Number(dataSet, DicomTags.Rows, 1, MaxExtent),
            Columns = Number(dataSet, DicomTags.Columns, 1, MaxExtent),
            Samples = dataSet[DicomTags.SamplesPerPixel] is { IsEmpty: false } ? Number(dataSet, DicomTags.SamplesPerPixel, 1, 4) : 1,
            BitsAllocated = allocated,
            BitsStored = stored,
            HighBit = dataSet[DicomTags.HighBit] is { IsEmpty: false } ? Number(dataSet, DicomTags.HighBit, stored - 1, allocated - 1) : stored - 1,
            IsSigned = dataSet.Integer(DicomTags.PixelRepresentation) == 1,
            IsPlanar = dataSet.Integer(DicomTags.PlanarConfiguration) == 1,
            Photometric = dataSet.String(DicomTags.PhotometricInterpretation) is { Length: > 0 } said ? said.ToUpperInvariant() : "MONOCHROME2",
            Frames = (int)Math.Clamp(dataSet.Integer(DicomTags.NumberOfFrames) ?? 1, 1, FrameLocator.MaxFrames),
        };
        return pixels.BitsAllocated is 1 or 8 or 16 or 32 or 64 ? pixels
            : throw new ImageException($"Bits Allocated is {pixels.BitsAllocated}: 1, 8, 16, 32 and 64 are possible.");
    }

    private static int Number(DicomDataSet dataSet, DicomTag tag, int least, int most) =>
        dataSet.Integer(tag) is { } value && value >= least && value <= most ? (int)value
            : throw new ImageException($"{DicomDictionary.Find(tag)?.Keyword ?? tag.ToString()} {tag} is missing, or not between {least} and {most}.");
}

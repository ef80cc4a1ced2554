namespace VnaCloud.Dicom;

/// <summary>Limits on what untrusted bytes may ask of the reader. A passed limit is a <see cref="DicomFormatException"/>.</summary>
public sealed record DicomReadLimits
{
    /// <summary>The defaults.</summary>
    public static readonly DicomReadLimits Default = new();

    /// <summary>Items within items; 64.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Elements outside pixel data, items included; 200,000.</summary>
    public int Elements { get; init; } = 200_000;

    /// <summary>Bytes of the File Meta Information (PS3.10 section 7.1); 64 KiB.</summary>
    public int FileMetaBytes { get; init; } = 64 * 1024;

    /// <summary>Elements of the File Meta Information; 1,000.</summary>
    public int FileMetaElements { get; init; } = 1_000;

    /// <summary>Bytes outside pixel data and outside values that are only located; 64 MiB.</summary>
    public long HeaderBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Fragments of encapsulated pixel data (PS3.5 section A.4); 1,048,576.</summary>
    public int Fragments { get; init; } = 1 << 20;

    /// <summary>Inflated bytes for each deflated byte; 100. Counted once <see cref="InflateAllowance"/> is passed.</summary>
    public int InflateRatio { get; init; } = 100;

    /// <summary>Inflated bytes that no ratio is asked of: an empty mask of this size is honest; 16 MiB.</summary>
    public long InflateAllowance { get; init; } = 16L * 1024 * 1024;
}

/// <summary>What a reader does with values.</summary>
public sealed record DicomReadOptions
{
    /// <summary>Keeps every value but pixel data.</summary>
    public static readonly DicomReadOptions Default = new();

    /// <summary>Limits on untrusted input.</summary>
    public DicomReadLimits Limits { get; init; } = DicomReadLimits.Default;

    /// <summary>Longest value of a bulk binary VR (OB, OD, OF, OL, OV, OW, UN) that is kept, in bytes; longer ones are only located.</summary>
    public long KeepBinary { get; init; } = long.MaxValue;

    /// <summary>Longest value of any other VR that is kept, in bytes; longer ones are only located.</summary>
    public long KeepOther { get; init; } = long.MaxValue;

    /// <summary>Longest value of top-level pixel data that is kept, in bytes; 0 (only located) unless a caller wants the pixels in memory.</summary>
    public long KeepPixelData { get; init; }
}

/// <summary>Things that a reader met and got over. None of them is silent: STOW-RS answers with a warning for those that matter.</summary>
[Flags]
public enum DicomReadWarnings
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>No preamble and no "DICM" prefix before the File Meta Information (PS3.10 section 7.1).</summary>
    MissingPreamble = 1,

    /// <summary>No File Meta Information: the transfer syntax was told from the bytes.</summary>
    MissingFileMeta = 2,

    /// <summary>(0002,0000) does not say the length of the File Meta Information.</summary>
    WrongMetaLength = 4,

    /// <summary>Elements not in ascending order of tag (PS3.5 section 7.1).</summary>
    OutOfOrder = 8,

    /// <summary>An element occurs again with the same value, or with another where it does not identify anything: the first counts.</summary>
    RepeatedElement = 16,

    /// <summary>A value of odd length (PS3.5 section 7.1.1).</summary>
    OddLength = 32,

    /// <summary>Groups 0000, 0002 or 0006 inside the data set (PS3.5 section 7.1 and PS3.7): kept in the bytes, left out of the metadata.</summary>
    ForeignGroup = 64,

    /// <summary>Item or delimitation tags where no sequence is open.</summary>
    StrayDelimiter = 128,

    /// <summary>VR letters that Table 6.2-1 does not have, read as UN.</summary>
    UnknownVr = 256,

    /// <summary>A deflated data set in a zlib wrapper (RFC 1950) instead of raw deflate (PS3.5 section A.5).</summary>
    ZlibWrapper = 512,

    /// <summary>Group 0002 elements were encoded in implicit VR.</summary>
    ImplicitFileMeta = 1024,
}

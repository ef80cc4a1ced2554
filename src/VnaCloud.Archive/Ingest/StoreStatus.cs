using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Failure Reasons (0008,1197) of a STOW-RS answer (PS3.18 Table 10.5.3-2 and PS3.4 Annexes B.2.3 and I; PS3.7 Annex C).</summary>
public enum FailureReason : ushort
{
    /// <summary>No failure.</summary>
    None = 0,

    /// <summary>0106H: an identifying attribute has a value that is not allowed.</summary>
    InvalidAttributeValue = 0x0106,

    /// <summary>0110H: processing failure, such as a passed limit.</summary>
    ProcessingFailure = 0x0110,

    /// <summary>0111H: another instance with these UIDs and different content is stored.</summary>
    DuplicateSopInstance = 0x0111,

    /// <summary>0117H: the SOP Instance UID is not a UID.</summary>
    InvalidSopInstance = 0x0117,

    /// <summary>0120H: an identifying attribute is missing.</summary>
    MissingAttribute = 0x0120,

    /// <summary>0122H: the SOP class cannot be stored, such as a DICOMDIR.</summary>
    SopClassNotSupported = 0x0122,

    /// <summary>A700H: out of resources.</summary>
    OutOfResources = 0xA700,

    /// <summary>A901H: the Study Instance UID is not the one of the request.</summary>
    StudyMismatch = 0xA901,

    /// <summary>A922H, one of A9xxH (PS3.4 Table B.2-1): bulk data that the metadata names did not come with the request.</summary>
    MissingBulkData = 0xA922,

    /// <summary>C000H: the bytes cannot be understood.</summary>
    CannotUnderstand = 0xC000,

    /// <summary>C122H: the transfer syntax is not known and the data set cannot be read without knowing it.</summary>
    TransferSyntaxNotSupported = 0xC122,
}

/// <summary>Warning Reasons (0008,1196) of a STOW-RS answer (PS3.18 Table 10.5.3-2).</summary>
public enum WarningReason : ushort
{
    /// <summary>No warning.</summary>
    None = 0,

    /// <summary>B000H: text was not valid in its character set; the bytes are kept, the metadata shows replacement characters.</summary>
    Coercion = 0xB000,

    /// <summary>B006H: elements that do not belong are left out of the metadata; the bytes are kept.</summary>
    ElementsDiscarded = 0xB006,

    /// <summary>B007H: the data set does not match its SOP class or itself.</summary>
    DataSetMismatch = 0xB007,
}

/// <summary>A non-identifying attribute with a value that is not allowed (checklist dicomweb 54).</summary>
/// <param name="Tag">The attribute.</param>
/// <param name="Comment">What is wrong, without the value.</param>
public sealed record InvalidAttribute(DicomTag Tag, string Comment);

/// <summary>What became of one part of a request.</summary>
public sealed record StoreResult
{
    /// <summary>SOP Class UID, when it was read.</summary>
    public string SopClassUid { get; init; } = "";

    /// <summary>SOP Instance UID, when it was read.</summary>
    public string SopUid { get; init; } = "";

    /// <summary>Series Instance UID, when it was read.</summary>
    public string SeriesUid { get; init; } = "";

    /// <summary>Study Instance UID, when it was read.</summary>
    public string StudyUid { get; init; } = "";

    /// <summary>Why it is not stored; None when it is.</summary>
    public FailureReason Failure { get; init; }

    /// <summary>Stored, but.</summary>
    public WarningReason Warning { get; init; }

    /// <summary>A sentence for whoever sent it, without patient data.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Attributes whose values are not allowed.</summary>
    public IReadOnlyList<InvalidAttribute> InvalidAttributes { get; init; } = [];
}

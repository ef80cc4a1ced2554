using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>A response, to be sent or received (PS3.7 sections 9.3 and 10.3).</summary>
/// <param name="Status">Status.</param>
public sealed record DimseResponse(DimseStatus Status)
{
    /// <summary>Longest Error Comment (LO).</summary>
    public const int MaxErrorComment = 64;

    /// <summary>0000H and nothing else.</summary>
    public static DimseResponse Success { get; } = new(DimseStatus.Success);

    /// <summary>A failure or warning and why; a comment past 64 characters is cut. No patient data.</summary>
    public DimseResponse(DimseStatus status, string errorComment) : this(status) => ErrorComment = errorComment;

    /// <summary>Error Comment (0000,0902), of the command set; "" for none.</summary>
    public string ErrorComment { get; init; } = "";

    /// <summary>
    /// The data set: a match of C-FIND, the Failed SOP Instance UID List of C-MOVE, the answer of N-GET and so on. Null for none.
    /// </summary>
    public DicomDataSet? DataSet { get; init; }

    /// <summary>Numbers of sub-operations, of C-MOVE and C-GET.</summary>
    public SubOperations? SubOperations { get; init; }

    /// <summary>Error ID (0000,0903), as N-SET of MPPS gives it.</summary>
    public ushort? ErrorId { get; init; }

    /// <summary>Affected SOP Instance UID where the request had none: of an N-CREATE. Otherwise that of the request is sent.</summary>
    public string? AffectedSopInstanceUid { get; init; }

    /// <summary>The whole command set of a response that was received.</summary>
    public CommandSet? Command { get; internal init; }
}

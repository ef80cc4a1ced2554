namespace VnaCloud.Archive;

/// <summary>
/// What one instance says of its patient and study (PS3.18 Table 10.6.3-3). Text is decoded; person names are their component
/// groups joined by '='. Empty means absent or empty in the data set.
/// </summary>
public sealed record StudyAttributes
{
    /// <summary>Study Date (0008,0020), eight digits or empty; a value that is not a date is kept as it came.</summary>
    public string StudyDate { get; init; } = "";

    /// <summary>Study Time (0008,0030).</summary>
    public string StudyTime { get; init; } = "";

    /// <summary>Accession Number (0008,0050).</summary>
    public string AccessionNumber { get; init; } = "";

    /// <summary>Referring Physician's Name (0008,0090).</summary>
    public string ReferringPhysicianName { get; init; } = "";

    /// <summary>Study Description (0008,1030).</summary>
    public string StudyDescription { get; init; } = "";

    /// <summary>Study ID (0020,0010).</summary>
    public string StudyId { get; init; } = "";

    /// <summary>Timezone Offset From UTC (0008,0201).</summary>
    public string TimezoneOffset { get; init; } = "";

    /// <summary>Patient's Name (0010,0010).</summary>
    public string PatientName { get; init; } = "";

    /// <summary>Patient ID (0010,0020).</summary>
    public string PatientId { get; init; } = "";

    /// <summary>Issuer of Patient ID (0010,0021).</summary>
    public string IssuerOfPatientId { get; init; } = "";

    /// <summary>Patient's Birth Date (0010,0030).</summary>
    public string PatientBirthDate { get; init; } = "";

    /// <summary>Patient's Sex (0010,0040).</summary>
    public string PatientSex { get; init; } = "";
}

/// <summary>What one instance says of its series (PS3.18 Table 10.6.3-4).</summary>
public sealed record SeriesAttributes
{
    /// <summary>Modality (0008,0060).</summary>
    public string Modality { get; init; } = "";

    /// <summary>Series Number (0020,0011), as text.</summary>
    public string SeriesNumber { get; init; } = "";

    /// <summary>Series Description (0008,103E).</summary>
    public string SeriesDescription { get; init; } = "";

    /// <summary>Body Part Examined (0018,0015).</summary>
    public string BodyPartExamined { get; init; } = "";

    /// <summary>Institution Name (0008,0080).</summary>
    public string InstitutionName { get; init; } = "";

    /// <summary>Station Name (0008,1010).</summary>
    public string StationName { get; init; } = "";

    /// <summary>Performed Procedure Step Start Date (0040,0244).</summary>
    public string PerformedProcedureStepStartDate { get; init; } = "";

    /// <summary>Performed Procedure Step Start Time (0040,0245).</summary>
    public string PerformedProcedureStepStartTime { get; init; } = "";

    /// <summary>Items of Request Attributes Sequence (0040,0275), in order; at most <see cref="MaxRequests"/> are indexed.</summary>
    public IReadOnlyList<RequestAttributes> Requests { get; init; } = [];

    /// <summary>Items of Request Attributes Sequence that the index keeps.</summary>
    public const int MaxRequests = 16;
}

/// <summary>One item of Request Attributes Sequence (0040,0275).</summary>
/// <param name="ScheduledProcedureStepId">(0040,0009).</param>
/// <param name="RequestedProcedureId">(0040,1001).</param>
public sealed record RequestAttributes(string ScheduledProcedureStepId, string RequestedProcedureId);

/// <summary>What the index keeps of an instance itself (PS3.18 Table 10.6.3-5).</summary>
public sealed record InstanceAttributes
{
    /// <summary>SOP Class UID (0008,0016).</summary>
    public required string SopClassUid { get; init; }

    /// <summary>Transfer syntax of the stored bytes.</summary>
    public required string TransferSyntaxUid { get; init; }

    /// <summary>Instance Number (0020,0013), as text, empty when absent.</summary>
    public string InstanceNumber { get; init; } = "";

    /// <summary>Rows (0028,0010); null when absent.</summary>
    public int? Rows { get; init; }

    /// <summary>Columns (0028,0011); null when absent.</summary>
    public int? Columns { get; init; }

    /// <summary>Bits Allocated (0028,0100); null when absent.</summary>
    public int? BitsAllocated { get; init; }

    /// <summary>Number of Frames (0028,0008); null when absent.</summary>
    public int? NumberOfFrames { get; init; }
}

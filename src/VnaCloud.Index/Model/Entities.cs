namespace VnaCloud.Index.Model;

// What searches look at and load. Rows are written by set-based SQL (Ingest/), never through these.

internal sealed class TenantEntity
{
    public int TenantId { get; init; }
    public string TenantKey { get; init; } = "";
    public long Studies { get; init; }
    public long Series { get; init; }
    public long Instances { get; init; }
    public long Packs { get; init; }
}

internal sealed class StudyEntity
{
    public int TenantId { get; init; }
    public string StudyUid { get; init; } = "";
    public string StudyDate { get; init; } = "";
    public string StudyTime { get; init; } = "";
    public string AccessionNumber { get; init; } = "";
    public string ReferringPhysicianName { get; init; } = "";
    public string StudyDescription { get; init; } = "";
    public string StudyId { get; init; } = "";
    public string TimezoneOffset { get; init; } = "";
    public string PatientName { get; init; } = "";
    public string PatientId { get; init; } = "";
    public string IssuerOfPatientId { get; init; } = "";
    public string PatientBirthDate { get; init; } = "";
    public string PatientSex { get; init; } = "";

    /// <summary>Sorted, separated by backslashes.</summary>
    public string Modalities { get; init; } = "";
    public int SeriesCount { get; init; }
    public int InstanceCount { get; init; }
    public long Bytes { get; init; }
    public string FirstSeriesUid { get; init; } = "";
    public string FirstSopUid { get; init; } = "";
}

/// <summary>Carries the date and time, so that the newest studies of a modality are one range of its key.</summary>
internal sealed class StudyModalityEntity
{
    public int TenantId { get; init; }
    public string Modality { get; init; } = "";
    public string StudyDate { get; init; } = "";
    public string StudyTime { get; init; } = "";
    public string StudyUid { get; init; } = "";
}

/// <summary>A folded component group or word of a person name of a study, with the study's place in answers.</summary>
internal sealed class StudyWordEntity
{
    public int TenantId { get; init; }
    public int Kind { get; init; }
    public string Fold { get; init; } = "";
    public string StudyDate { get; init; } = "";
    public string StudyTime { get; init; } = "";
    public string StudyUid { get; init; } = "";
}

internal sealed class SeriesEntity
{
    public int TenantId { get; init; }
    public string StudyUid { get; init; } = "";
    public string SeriesUid { get; init; } = "";
    public string Modality { get; init; } = "";
    public string SeriesNumber { get; init; } = "";
    public long SeriesOrder { get; init; }
    public string SeriesDescription { get; init; } = "";
    public string BodyPartExamined { get; init; } = "";
    public string InstitutionName { get; init; } = "";
    public string StationName { get; init; } = "";
    public string PerformedProcedureStepStartDate { get; init; } = "";
    public string PerformedProcedureStepStartTime { get; init; } = "";
    public int InstanceCount { get; init; }
    public string FirstSopUid { get; init; } = "";
}

/// <summary>One item of Request Attributes Sequence (0040,0275).</summary>
internal sealed class SeriesRequestEntity
{
    public int TenantId { get; init; }
    public string StudyUid { get; init; } = "";
    public string SeriesUid { get; init; } = "";
    public int Item { get; init; }
    public string ScheduledProcedureStepId { get; init; } = "";
    public string RequestedProcedureId { get; init; } = "";
}

internal sealed class PackEntity
{
    public int TenantId { get; init; }
    public string StudyUid { get; init; } = "";
    public long PackId { get; init; }
    public string ObjectKey { get; init; } = "";
}

internal sealed class InstanceEntity
{
    public int TenantId { get; init; }
    public string StudyUid { get; init; } = "";
    public string SeriesUid { get; init; } = "";
    public string SopUid { get; init; } = "";
    public byte[] Origin { get; init; } = [];
    public string SopClassUid { get; init; } = "";
    public string TransferSyntaxUid { get; init; } = "";
    public string InstanceNumber { get; init; } = "";
    public long InstanceOrder { get; init; }
    public int? ImageRows { get; init; }
    public int? ImageColumns { get; init; }
    public int? BitsAllocated { get; init; }
    public int? NumberOfFrames { get; init; }
    public long DataPack { get; init; }
    public long DataOffset { get; init; }
    public long DataLength { get; init; }
    public long MetadataPack { get; init; }
    public long MetadataOffset { get; init; }
    public byte[] Segments { get; init; } = [];
    public int FrameLayout { get; init; }
    public int FrameCount { get; init; }
    public long PixelOffset { get; init; }
    public long PixelLength { get; init; }
    public long FrameLength { get; init; }
    public long TableOffset { get; init; }
    public long FirstFrameOffset { get; init; }
    public long FirstFrameLength { get; init; }
    public int FirstFrameFragments { get; init; }
    public byte[] FileDigest { get; init; } = [];
    public byte[] ContentDigest { get; init; } = [];
}

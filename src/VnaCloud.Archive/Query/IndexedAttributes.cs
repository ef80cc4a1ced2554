using System.Collections.Frozen;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>An attribute that a search can match on.</summary>
/// <param name="Tag">The attribute; those of Request Attributes Sequence items by the tag inside the item.</param>
/// <param name="Level">The level it describes; matching it at a higher level asks whether any entity below has it.</param>
/// <param name="Vr">Its value representation, which decides the kinds of matching (PS3.4 C.2.2.2).</param>
/// <param name="Keyword">Its keyword (PS3.6).</param>
/// <param name="Sequence">The sequence whose items hold it; default for an attribute of the data set itself.</param>
public sealed record IndexedAttribute(DicomTag Tag, QueryLevel Level, DicomVr Vr, string Keyword, DicomTag Sequence = default);

/// <summary>The attributes that every provider of the index keeps in columns (PS3.18 Tables 10.6.3-3 to 10.6.3-5).</summary>
public static class IndexedAttributes
{
    /// <summary>Request Attributes Sequence (0040,0275).</summary>
    public static readonly DicomTag RequestAttributesSequence = new(0x0040_0275);

    /// <summary>All of them, by level and tag.</summary>
    public static IReadOnlyList<IndexedAttribute> All { get; } =
    [
        new(new(0x0008_0020), QueryLevel.Study, DicomVr.DA, "StudyDate"),
        new(new(0x0008_0030), QueryLevel.Study, DicomVr.TM, "StudyTime"),
        new(new(0x0008_0050), QueryLevel.Study, DicomVr.SH, "AccessionNumber"),
        new(new(0x0008_0061), QueryLevel.Study, DicomVr.CS, "ModalitiesInStudy"),
        new(new(0x0008_0090), QueryLevel.Study, DicomVr.PN, "ReferringPhysicianName"),
        new(new(0x0008_1030), QueryLevel.Study, DicomVr.LO, "StudyDescription"),
        new(new(0x0010_0010), QueryLevel.Study, DicomVr.PN, "PatientName"),
        new(new(0x0010_0020), QueryLevel.Study, DicomVr.LO, "PatientID"),
        new(new(0x0010_0021), QueryLevel.Study, DicomVr.LO, "IssuerOfPatientID"),
        new(new(0x0010_0030), QueryLevel.Study, DicomVr.DA, "PatientBirthDate"),
        new(new(0x0010_0040), QueryLevel.Study, DicomVr.CS, "PatientSex"),
        new(new(0x0020_000D), QueryLevel.Study, DicomVr.UI, "StudyInstanceUID"),
        new(new(0x0020_0010), QueryLevel.Study, DicomVr.SH, "StudyID"),
        new(new(0x0008_0060), QueryLevel.Series, DicomVr.CS, "Modality"),
        new(new(0x0008_0080), QueryLevel.Series, DicomVr.LO, "InstitutionName"),
        new(new(0x0008_1010), QueryLevel.Series, DicomVr.SH, "StationName"),
        new(new(0x0008_103E), QueryLevel.Series, DicomVr.LO, "SeriesDescription"),
        new(new(0x0018_0015), QueryLevel.Series, DicomVr.CS, "BodyPartExamined"),
        new(new(0x0020_000E), QueryLevel.Series, DicomVr.UI, "SeriesInstanceUID"),
        new(new(0x0020_0011), QueryLevel.Series, DicomVr.IS, "SeriesNumber"),
        new(new(0x0040_0244), QueryLevel.Series, DicomVr.DA, "PerformedProcedureStepStartDate"),
        new(new(0x0040_0245), QueryLevel.Series, DicomVr.TM, "PerformedProcedureStepStartTime"),
        new(new(0x0040_0009), QueryLevel.Series, DicomVr.SH, "ScheduledProcedureStepID", RequestAttributesSequence),
        new(new(0x0040_1001), QueryLevel.Series, DicomVr.SH, "RequestedProcedureID", RequestAttributesSequence),
        new(new(0x0008_0016), QueryLevel.Instance, DicomVr.UI, "SOPClassUID"),
        new(new(0x0008_0018), QueryLevel.Instance, DicomVr.UI, "SOPInstanceUID"),
        new(new(0x0020_0013), QueryLevel.Instance, DicomVr.IS, "InstanceNumber"),
        new(new(0x0028_0008), QueryLevel.Instance, DicomVr.IS, "NumberOfFrames"),
        new(new(0x0028_0010), QueryLevel.Instance, DicomVr.US, "Rows"),
        new(new(0x0028_0011), QueryLevel.Instance, DicomVr.US, "Columns"),
        new(new(0x0028_0100), QueryLevel.Instance, DicomVr.US, "BitsAllocated"),
    ];

    private static readonly FrozenDictionary<DicomTag, IndexedAttribute> ByTag = All.ToFrozenDictionary(static attribute => attribute.Tag);

    /// <summary>The indexed attribute, or null.</summary>
    public static IndexedAttribute? Find(DicomTag tag) => ByTag.GetValueOrDefault(tag);

    /// <summary>The level an indexed attribute describes, or null.</summary>
    public static QueryLevel? LevelOf(DicomTag tag) => Find(tag)?.Level;
}

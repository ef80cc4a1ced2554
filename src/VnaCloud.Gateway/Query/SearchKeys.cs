using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Query;

/// <summary>
/// The attributes that can be matched: those of PS3.18 Table 10.6.1-5, and what VnaCloud's archive searches beyond. The archive refuses a
/// search by any other, so that one is answered as a key that is not supported (PS3.4 C.4.1.1.4: FF01H) and not sent.
/// </summary>
internal static class SearchKeys
{
    private static readonly DicomTag[] Patient = [DicomTags.PatientName, DicomTags.PatientID, DicomTags.IssuerOfPatientID, DicomTags.PatientBirthDate, DicomTags.PatientSex];

    private static readonly DicomTag[] Study =
    [
        DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.AccessionNumber, DicomTags.ModalitiesInStudy, DicomTags.ReferringPhysicianName,
        DicomTags.StudyDescription, DicomTags.StudyInstanceUID, DicomTags.StudyID,
    ];

    private static readonly DicomTag[] Series =
    [
        DicomTags.Modality, DicomTags.InstitutionName, DicomTags.StationName, DicomTags.SeriesDescription, DicomTags.BodyPartExamined, DicomTags.SeriesInstanceUID,
        DicomTags.SeriesNumber, DicomTags.PerformedProcedureStepStartDate, DicomTags.PerformedProcedureStepStartTime,
    ];

    private static readonly DicomTag[] Image = [DicomTags.SOPClassUID, DicomTags.SOPInstanceUID, DicomTags.InstanceNumber];

    private static readonly DicomTag[] Requests = [DicomTags.ScheduledProcedureStepID, DicomTags.RequestedProcedureID];

    private static readonly Dictionary<DicomTag, QueryRetrieveLevel> Levels = new (QueryRetrieveLevel Level, DicomTag[] Tags)[]
    {
        (QueryRetrieveLevel.Patient, Patient), (QueryRetrieveLevel.Study, Study), (QueryRetrieveLevel.Series, Series), (QueryRetrieveLevel.Image, Image),
    }.SelectMany(level => level.Tags.Select(tag => (tag, level.Level))).ToDictionary();

    /// <summary>The level of an attribute that can be matched; null for one that cannot.</summary>
    public static QueryRetrieveLevel? LevelOf(DicomTag tag) => Levels.TryGetValue(tag, out var level) ? level : null;

    /// <summary>Whether an attribute can be matched inside an item of the Request Attributes Sequence (0040,0275).</summary>
    public static bool IsOfRequest(DicomTag tag) => Requests.Contains(tag);
}

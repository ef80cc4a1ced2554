using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Takes the attributes that the index keeps out of a data set.</summary>
internal static class AttributeReader
{
    public static StudyAttributes Study(DicomDataSet d) => new()
    {
        StudyDate = d.String(DicomTags.StudyDate),
        StudyTime = d.String(DicomTags.StudyTime),
        AccessionNumber = d.String(DicomTags.AccessionNumber),
        ReferringPhysicianName = d.String(DicomTags.ReferringPhysicianName),
        StudyDescription = d.String(DicomTags.StudyDescription),
        StudyId = d.String(DicomTags.StudyID),
        TimezoneOffset = d.String(DicomTags.TimezoneOffsetFromUTC),
        PatientName = d.String(DicomTags.PatientName),
        PatientId = d.String(DicomTags.PatientID),
        IssuerOfPatientId = d.String(DicomTags.IssuerOfPatientID),
        PatientBirthDate = d.String(DicomTags.PatientBirthDate),
        PatientSex = d.String(DicomTags.PatientSex),
    };

    public static SeriesAttributes Series(DicomDataSet d) => new()
    {
        Modality = d.String(DicomTags.Modality),
        SeriesNumber = d.String(DicomTags.SeriesNumber),
        SeriesDescription = d.String(DicomTags.SeriesDescription),
        BodyPartExamined = d.String(DicomTags.BodyPartExamined),
        InstitutionName = d.String(DicomTags.InstitutionName),
        StationName = d.String(DicomTags.StationName),
        PerformedProcedureStepStartDate = d.String(DicomTags.PerformedProcedureStepStartDate),
        PerformedProcedureStepStartTime = d.String(DicomTags.PerformedProcedureStepStartTime),
        Requests = Requests(d),
    };

    public static InstanceAttributes Instance(DicomDataSet d, StoreResult identity, TransferSyntax syntax) => new()
    {
        SopClassUid = identity.SopClassUid,
        TransferSyntaxUid = syntax.Uid,
        InstanceNumber = d.String(DicomTags.InstanceNumber),
        Rows = Number(d, DicomTags.Rows),
        Columns = Number(d, DicomTags.Columns),
        BitsAllocated = Number(d, DicomTags.BitsAllocated),
        NumberOfFrames = Number(d, DicomTags.NumberOfFrames),
    };

    private static int? Number(DicomDataSet d, DicomTag tag) => d.Integer(tag) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null;

    private static RequestAttributes[] Requests(DicomDataSet d) => d[DicomTags.RequestAttributesSequence]?.Items is { Count: > 0 } items
        ? [.. items.Take(SeriesAttributes.MaxRequests).Select(item => new RequestAttributes(item.String(DicomTags.ScheduledProcedureStepID), item.String(DicomTags.RequestedProcedureID)))]
        : [];
}

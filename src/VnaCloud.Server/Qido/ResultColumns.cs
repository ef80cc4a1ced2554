using System.Collections.Frozen;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using static VnaCloud.Server.Qido.Presence;

namespace VnaCloud.Server.Qido;

/// <summary>All attributes that rows answer, in tag order (PS3.18 Tables 10.6.3-3 to 10.6.3-5).</summary>
internal static class ResultColumns
{
    /// <summary>Columns of results of every level, whatever the path says.</summary>
    public static FrozenSet<DicomTag> OfEveryResult { get; } = new[]
    {
        DicomTags.SpecificCharacterSet, DicomTags.InstanceAvailability, DicomTags.TimezoneOffsetFromUTC, DicomTags.RetrieveURL,
        DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID,
    }.ToFrozenSet();

    public static IReadOnlyList<ResultColumn> All { get; } = [.. Every().OrderBy(static column => column.Tag)];

    private static IEnumerable<ResultColumn> Every() => [.. OfStudy(), .. OfSeries(), .. OfInstance()];

    private static ResultColumn[] OfStudy() =>
    [
        // Not in the tables of today's edition; JSON is UTF-8 whatever the instances are.
        StudyText(DicomTags.SpecificCharacterSet, DicomVr.CS, Always, static _ => "ISO_IR 192"),
        StudyText(DicomTags.StudyDate, DicomVr.DA, Always, static row => row.Study.Attributes.StudyDate),
        StudyText(DicomTags.StudyTime, DicomVr.TM, Always, static row => row.Study.Attributes.StudyTime),
        StudyText(DicomTags.AccessionNumber, DicomVr.SH, Always, static row => row.Study.Attributes.AccessionNumber),
        StudyText(DicomTags.InstanceAvailability, DicomVr.CS, Always, static _ => "ONLINE"),
        new ListColumn(DicomTags.ModalitiesInStudy, DicomVr.CS, QueryLevel.Study, Always, static row => row.Study.Modalities),
        new NameColumn(DicomTags.ReferringPhysicianName, QueryLevel.Study, Always, static row => row.Study.Attributes.ReferringPhysicianName),
        StudyText(DicomTags.TimezoneOffsetFromUTC, DicomVr.SH, WhenKnown, static row => row.Study.Attributes.TimezoneOffset),
        StudyText(DicomTags.StudyDescription, DicomVr.LO, WhenAsked, static row => row.Study.Attributes.StudyDescription),
        new RetrieveUrlColumn(),
        new NameColumn(DicomTags.PatientName, QueryLevel.Study, Always, static row => row.Study.Attributes.PatientName),
        StudyText(DicomTags.PatientID, DicomVr.LO, Always, static row => row.Study.Attributes.PatientId),
        StudyText(DicomTags.IssuerOfPatientID, DicomVr.LO, WhenAsked, static row => row.Study.Attributes.IssuerOfPatientId),
        StudyText(DicomTags.PatientBirthDate, DicomVr.DA, Always, static row => row.Study.Attributes.PatientBirthDate),
        StudyText(DicomTags.PatientSex, DicomVr.CS, Always, static row => row.Study.Attributes.PatientSex),
        StudyText(DicomTags.StudyInstanceUID, DicomVr.UI, Always, static row => row.Study.StudyUid),
        StudyText(DicomTags.StudyID, DicomVr.SH, Always, static row => row.Study.Attributes.StudyId),
        new NumberColumn(DicomTags.NumberOfStudyRelatedSeries, DicomVr.IS, QueryLevel.Study, Always, static row => row.Study.SeriesCount),
        new NumberColumn(DicomTags.NumberOfStudyRelatedInstances, DicomVr.IS, QueryLevel.Study, Always, static row => row.Study.InstanceCount),
    ];

    private static ResultColumn[] OfSeries() =>
    [
        SeriesText(DicomTags.Modality, DicomVr.CS, Always, static series => series.Attributes.Modality),
        SeriesText(DicomTags.InstitutionName, DicomVr.LO, WhenAsked, static series => series.Attributes.InstitutionName),
        SeriesText(DicomTags.StationName, DicomVr.SH, WhenAsked, static series => series.Attributes.StationName),
        SeriesText(DicomTags.SeriesDescription, DicomVr.LO, WhenKnown, static series => series.Attributes.SeriesDescription),
        SeriesText(DicomTags.BodyPartExamined, DicomVr.CS, WhenAsked, static series => series.Attributes.BodyPartExamined),
        SeriesText(DicomTags.SeriesInstanceUID, DicomVr.UI, Always, static series => series.SeriesUid),
        new IntegerTextColumn(DicomTags.SeriesNumber, QueryLevel.Series, Always, static row => row.Series!.Attributes.SeriesNumber),
        new NumberColumn(DicomTags.NumberOfSeriesRelatedInstances, DicomVr.IS, QueryLevel.Series, Always, static row => row.Series!.InstanceCount),
        SeriesText(DicomTags.PerformedProcedureStepStartDate, DicomVr.DA, WhenKnown, static series => series.Attributes.PerformedProcedureStepStartDate),
        SeriesText(DicomTags.PerformedProcedureStepStartTime, DicomVr.TM, WhenKnown, static series => series.Attributes.PerformedProcedureStepStartTime),
        new RequestsColumn(),
    ];

    private static ResultColumn[] OfInstance() =>
    [
        InstanceText(DicomTags.SOPClassUID, DicomVr.UI, Always, static instance => instance.Attributes.SopClassUid),
        InstanceText(DicomTags.SOPInstanceUID, DicomVr.UI, Always, static instance => instance.Key.SopUid),
        InstanceText(DicomTags.AvailableTransferSyntaxUID, DicomVr.UI, WhenAsked, static instance => instance.Attributes.TransferSyntaxUid),
        new IntegerTextColumn(DicomTags.InstanceNumber, QueryLevel.Instance, Always, static row => row.Instance!.Attributes.InstanceNumber),
        InstanceNumber(DicomTags.NumberOfFrames, DicomVr.IS, static attributes => attributes.NumberOfFrames),
        InstanceNumber(DicomTags.Rows, DicomVr.US, static attributes => attributes.Rows),
        InstanceNumber(DicomTags.Columns, DicomVr.US, static attributes => attributes.Columns),
        InstanceNumber(DicomTags.BitsAllocated, DicomVr.US, static attributes => attributes.BitsAllocated),
    ];

    private static TextColumn StudyText(DicomTag tag, DicomVr vr, Presence presence, Func<SearchRow, string> text) =>
        new(tag, vr, QueryLevel.Study, presence, text);

    private static TextColumn SeriesText(DicomTag tag, DicomVr vr, Presence presence, Func<SeriesResult, string> text) =>
        new(tag, vr, QueryLevel.Series, presence, row => text(row.Series!));

    private static TextColumn InstanceText(DicomTag tag, DicomVr vr, Presence presence, Func<InstanceEntry, string> text) =>
        new(tag, vr, QueryLevel.Instance, presence, row => text(row.Instance!));

    private static NumberColumn InstanceNumber(DicomTag tag, DicomVr vr, Func<InstanceAttributes, int?> number) =>
        new(tag, vr, QueryLevel.Instance, WhenKnown, row => number(row.Instance!.Attributes));
}

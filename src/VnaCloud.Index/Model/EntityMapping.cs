using VnaCloud.Archive;

namespace VnaCloud.Index.Model;

/// <summary>Rows as the archive's records.</summary>
internal static class EntityMapping
{
    public static StudyResult Result(StudyEntity row, MetadataLocator first) => new(row.StudyUid, new StudyAttributes
    {
        StudyDate = row.StudyDate, StudyTime = row.StudyTime, AccessionNumber = row.AccessionNumber,
        ReferringPhysicianName = row.ReferringPhysicianName, StudyDescription = row.StudyDescription, StudyId = row.StudyId,
        TimezoneOffset = row.TimezoneOffset, PatientName = row.PatientName, PatientId = row.PatientId,
        IssuerOfPatientId = row.IssuerOfPatientId, PatientBirthDate = row.PatientBirthDate, PatientSex = row.PatientSex,
    }, row.Modalities.Length == 0 ? [] : row.Modalities.Split('\\'), row.SeriesCount, row.InstanceCount, row.Bytes, first);

    public static SeriesResult Result(SeriesEntity row, IReadOnlyList<RequestAttributes> requests, MetadataLocator first) =>
        new(row.SeriesUid, new SeriesAttributes
        {
            Modality = row.Modality, SeriesNumber = row.SeriesNumber, SeriesDescription = row.SeriesDescription,
            BodyPartExamined = row.BodyPartExamined, InstitutionName = row.InstitutionName, StationName = row.StationName,
            PerformedProcedureStepStartDate = row.PerformedProcedureStepStartDate,
            PerformedProcedureStepStartTime = row.PerformedProcedureStepStartTime, Requests = requests,
        }, row.InstanceCount, first);

    public static InstanceEntry Entry(InstanceEntity row, string dataKey, string metadataKey) => new()
    {
        Key = new InstanceKey(row.StudyUid, row.SeriesUid, row.SopUid),
        Origin = Origin.Read(row.Origin),
        Attributes = new InstanceAttributes
        {
            SopClassUid = row.SopClassUid, TransferSyntaxUid = row.TransferSyntaxUid, InstanceNumber = row.InstanceNumber,
            Rows = row.ImageRows, Columns = row.ImageColumns, BitsAllocated = row.BitsAllocated, NumberOfFrames = row.NumberOfFrames,
        },
        Data = new DataLocator(dataKey, row.DataOffset, row.DataLength),
        Metadata = new MetadataLocator(metadataKey, row.MetadataOffset, Segments.Read(row.Segments)),
        Frames = row.FrameLayout == (int)Archive.FrameLayout.None ? FrameMap.Empty : new FrameMap((FrameLayout)row.FrameLayout, row.FrameCount,
            row.PixelOffset, row.PixelLength, row.FrameLength, row.TableOffset,
            new FrameRange(row.FirstFrameOffset, row.FirstFrameLength, row.FirstFrameFragments)),
        FileDigest = Digest.Read(row.FileDigest),
        ContentDigest = Digest.Read(row.ContentDigest),
    };
}

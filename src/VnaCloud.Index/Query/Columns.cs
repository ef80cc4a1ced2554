using System.Collections.Frozen;
using System.Linq.Expressions;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>Which column holds an attribute.</summary>
internal static class Columns
{
    public const uint StudyDate = 0x0008_0020;
    public const uint StudyTime = 0x0008_0030;
    public const uint ModalitiesInStudy = 0x0008_0061;
    public const uint Modality = 0x0008_0060;
    public const uint ReferringPhysicianName = 0x0008_0090;
    public const uint PatientName = 0x0010_0010;
    public const uint SopInstanceUid = 0x0008_0018;
    public const uint SeriesInstanceUid = 0x0020_000E;

    /// <summary>Date and time of a study, wherever a key query takes them from.</summary>
    public static readonly FrozenDictionary<uint, Expression<Func<ResultKey, string>>> Key = Map<ResultKey, string>(
    [
        new(StudyDate, static key => key.StudyDate),
        new(StudyTime, static key => key.StudyTime),
    ]);

    public static readonly FrozenDictionary<uint, Expression<Func<StudyEntity, string>>> Study = Map<StudyEntity, string>(
    [
        new(StudyDate, static study => study.StudyDate),
        new(StudyTime, static study => study.StudyTime),
        new(0x0008_0050, static study => study.AccessionNumber),
        new(ReferringPhysicianName, static study => study.ReferringPhysicianName),
        new(0x0008_1030, static study => study.StudyDescription),
        new(PatientName, static study => study.PatientName),
        new(0x0010_0020, static study => study.PatientId),
        new(0x0010_0021, static study => study.IssuerOfPatientId),
        new(0x0010_0030, static study => study.PatientBirthDate),
        new(0x0010_0040, static study => study.PatientSex),
        new(0x0020_000D, static study => study.StudyUid),
        new(0x0020_0010, static study => study.StudyId),
    ]);

    public static readonly FrozenDictionary<uint, Expression<Func<SeriesEntity, string>>> Series = Map<SeriesEntity, string>(
    [
        new(Modality, static series => series.Modality),
        new(0x0008_0080, static series => series.InstitutionName),
        new(0x0008_1010, static series => series.StationName),
        new(0x0008_103E, static series => series.SeriesDescription),
        new(0x0018_0015, static series => series.BodyPartExamined),
        new(SeriesInstanceUid, static series => series.SeriesUid),
        new(0x0020_0011, static series => series.SeriesNumber),
        new(0x0040_0244, static series => series.PerformedProcedureStepStartDate),
        new(0x0040_0245, static series => series.PerformedProcedureStepStartTime),
    ]);

    public static readonly FrozenDictionary<uint, Expression<Func<SeriesRequestEntity, string>>> Request = Map<SeriesRequestEntity, string>(
    [
        new(0x0040_0009, static request => request.ScheduledProcedureStepId),
        new(0x0040_1001, static request => request.RequestedProcedureId),
    ]);

    public static readonly FrozenDictionary<uint, Expression<Func<InstanceEntity, string>>> Instance = Map<InstanceEntity, string>(
    [
        new(0x0008_0016, static instance => instance.SopClassUid),
        new(SopInstanceUid, static instance => instance.SopUid),
        new(0x0020_0013, static instance => instance.InstanceNumber),
    ]);

    /// <summary>Number strings (IS) match as numbers: 7 finds 07.</summary>
    public static readonly FrozenDictionary<uint, Expression<Func<SeriesEntity, long>>> SeriesOrders = Map<SeriesEntity, long>(
    [
        new(0x0020_0011, static series => series.SeriesOrder),
    ]);

    /// <inheritdoc cref="SeriesOrders"/>
    public static readonly FrozenDictionary<uint, Expression<Func<InstanceEntity, long>>> InstanceOrders = Map<InstanceEntity, long>(
    [
        new(0x0020_0013, static instance => instance.InstanceOrder),
    ]);

    public static readonly FrozenDictionary<uint, Expression<Func<InstanceEntity, int?>>> InstanceNumbers = Map<InstanceEntity, int?>(
    [
        new(0x0028_0008, static instance => instance.NumberOfFrames),
        new(0x0028_0010, static instance => instance.ImageRows),
        new(0x0028_0011, static instance => instance.ImageColumns),
        new(0x0028_0100, static instance => instance.BitsAllocated),
    ]);

    private static FrozenDictionary<uint, Expression<Func<T, TValue>>> Map<T, TValue>(
        IEnumerable<KeyValuePair<uint, Expression<Func<T, TValue>>>> columns) => columns.ToFrozenDictionary();
}

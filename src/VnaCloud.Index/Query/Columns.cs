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
    public static readonly FrozenDictionary<uint, Expression<Func<ResultKey, string>>> Key = new Dictionary<uint, Expression<Func<ResultKey, string>>>
    {
        [StudyDate] = static key => key.StudyDate,
        [StudyTime] = static key => key.StudyTime,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<uint, Expression<Func<StudyEntity, string>>> Study = new Dictionary<uint, Expression<Func<StudyEntity, string>>>
    {
        [StudyDate] = static study => study.StudyDate,
        [StudyTime] = static study => study.StudyTime,
        [0x0008_0050] = static study => study.AccessionNumber,
        [ReferringPhysicianName] = static study => study.ReferringPhysicianName,
        [0x0008_1030] = static study => study.StudyDescription,
        [PatientName] = static study => study.PatientName,
        [0x0010_0020] = static study => study.PatientId,
        [0x0010_0021] = static study => study.IssuerOfPatientId,
        [0x0010_0030] = static study => study.PatientBirthDate,
        [0x0010_0040] = static study => study.PatientSex,
        [0x0020_000D] = static study => study.StudyUid,
        [0x0020_0010] = static study => study.StudyId,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<uint, Expression<Func<SeriesEntity, string>>> Series = new Dictionary<uint, Expression<Func<SeriesEntity, string>>>
    {
        [Modality] = static series => series.Modality,
        [0x0008_0080] = static series => series.InstitutionName,
        [0x0008_1010] = static series => series.StationName,
        [0x0008_103E] = static series => series.SeriesDescription,
        [0x0018_0015] = static series => series.BodyPartExamined,
        [SeriesInstanceUid] = static series => series.SeriesUid,
        [0x0020_0011] = static series => series.SeriesNumber,
        [0x0040_0244] = static series => series.PerformedProcedureStepStartDate,
        [0x0040_0245] = static series => series.PerformedProcedureStepStartTime,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<uint, Expression<Func<SeriesRequestEntity, string>>> Request = new Dictionary<uint, Expression<Func<SeriesRequestEntity, string>>>
    {
        [0x0040_0009] = static request => request.ScheduledProcedureStepId,
        [0x0040_1001] = static request => request.RequestedProcedureId,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<uint, Expression<Func<InstanceEntity, string>>> Instance = new Dictionary<uint, Expression<Func<InstanceEntity, string>>>
    {
        [0x0008_0016] = static instance => instance.SopClassUid,
        [SopInstanceUid] = static instance => instance.SopUid,
        [0x0020_0013] = static instance => instance.InstanceNumber,
    }.ToFrozenDictionary();

    /// <summary>Number strings (IS) match as numbers: 7 finds 07.</summary>
    public static readonly FrozenDictionary<uint, Expression<Func<SeriesEntity, long>>> SeriesOrders = new Dictionary<uint, Expression<Func<SeriesEntity, long>>>
    {
        [0x0020_0011] = static series => series.SeriesOrder,
    }.ToFrozenDictionary();

    /// <inheritdoc cref="SeriesOrders"/>
    public static readonly FrozenDictionary<uint, Expression<Func<InstanceEntity, long>>> InstanceOrders = new Dictionary<uint, Expression<Func<InstanceEntity, long>>>
    {
        [0x0020_0013] = static instance => instance.InstanceOrder,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<uint, Expression<Func<InstanceEntity, int?>>> InstanceNumbers = new Dictionary<uint, Expression<Func<InstanceEntity, int?>>>
    {
        [0x0028_0008] = static instance => instance.NumberOfFrames,
        [0x0028_0010] = static instance => instance.ImageRows,
        [0x0028_0011] = static instance => instance.ImageColumns,
        [0x0028_0100] = static instance => instance.BitsAllocated,
    }.ToFrozenDictionary();
}

namespace VnaCloud.Index.Query;

/// <summary>
/// The values that order results and name them: newest study first, then by UID; within a study by series number and UID; within a series
/// by instance number and UID. The lower levels are set where the search goes down to them.
/// </summary>
internal sealed class ResultKey
{
    public string StudyDate { get; init; } = "";
    public string StudyTime { get; init; } = "";
    public string StudyUid { get; init; } = "";
    public long SeriesOrder { get; init; }
    public string SeriesUid { get; init; } = "";
    public long InstanceOrder { get; init; }
    public string SopUid { get; init; } = "";
}

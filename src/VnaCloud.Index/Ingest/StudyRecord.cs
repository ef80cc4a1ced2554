using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>The live instance of a study with the smallest origin.</summary>
internal sealed record FirstInstance(Origin Origin, string SeriesUid, string SopUid);

/// <summary>A study row while it is brought up to date.</summary>
internal sealed record StudyRecord
{
    public required TenantId Tenant { get; init; }
    public required string StudyUid { get; init; }
    public required StudyAttributes Attributes { get; init; }
    public required string Modalities { get; init; }
    public required long SeriesCount { get; init; }
    public required long Instances { get; init; }
    public required long Bytes { get; init; }
    public required long Version { get; init; }
    public required FirstInstance First { get; init; }

    public static StudyRecord New(TenantId tenant, string studyUid) => new()
    {
        Tenant = tenant, StudyUid = studyUid, Attributes = new StudyAttributes(), Modalities = "", SeriesCount = 0, Instances = 0, Bytes = 0,
        Version = 0, First = new FirstInstance(default, "", ""),
    };
}

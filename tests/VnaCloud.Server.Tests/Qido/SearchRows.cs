using VnaCloud.Archive;

namespace VnaCloud.Server.Tests.Qido;

/// <summary>Results as an index gives them.</summary>
internal static class SearchRows
{
    public static readonly MetadataLocator StudyFirst = new("study", 0, []);
    public static readonly MetadataLocator SeriesFirst = new("series", 0, []);
    public static readonly MetadataLocator OfInstance = new("instance", 0, []);

    public static SearchRow Study(StudyAttributes attributes) => new(new StudyResult("1.2", attributes, ["CT", "SR"], 2, 30, 1000, StudyFirst), null, null);

    public static SearchRow Series(StudyAttributes study, SeriesAttributes series) =>
        Study(study) with { Series = new SeriesResult("1.2.3", series, 15, SeriesFirst) };

    public static SearchRow Instance(InstanceAttributes instance) => Series(new(), new()) with
    {
        Instance = new InstanceEntry
        {
            Key = new("1.2", "1.2.3", "1.2.3.4"),
            Origin = default,
            Attributes = instance,
            Data = default,
            Metadata = OfInstance,
            Frames = FrameMap.Empty,
            FileDigest = default,
            ContentDigest = default,
        },
    };
}

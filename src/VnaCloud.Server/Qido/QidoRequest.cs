using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>The resource that is searched: a level, perhaps within a study and a series (PS3.18 Table 10.6.1-1).</summary>
internal sealed record QidoResource(QueryLevel Level, string? StudyUid = null, string? SeriesUid = null);

/// <summary>A search as its URL says, every part checked.</summary>
internal sealed record QidoRequest
{
    public required QidoResource Resource { get; init; }

    public required IReadOnlyList<Criterion> Criteria { get; init; }

    /// <summary>Attributes used for matching, the universally matched ones too: all are returned.</summary>
    public required IReadOnlySet<DicomTag> Matched { get; init; }

    /// <summary>What includefield names.</summary>
    public required IncludeTree Included { get; init; }

    /// <summary>includefield=all.</summary>
    public bool IncludesAll { get; init; }

    /// <summary>Names in includefield that no dictionary knows, as an answer may repeat them.</summary>
    public required IReadOnlyList<string> UnknownIncludes { get; init; }

    /// <summary>Results wanted, at most the server's maximum; 0 is a count only.</summary>
    public required int Limit { get; init; }

    /// <summary>Results before the first one of this answer, from offset or from the cursor.</summary>
    public required long Position { get; init; }

    /// <summary>The index's cursor, where the URL has one.</summary>
    public string? Cursor { get; init; }
}

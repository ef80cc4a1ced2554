using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Information level of a search (PS3.18 Table 10.6.1-2).</summary>
public enum QueryLevel
{
    /// <summary>One result a study.</summary>
    Study,

    /// <summary>One result a series.</summary>
    Series,

    /// <summary>One result an instance.</summary>
    Instance,
}

/// <summary>A search whose every part has been checked; built from a URL by the server, from C-FIND by a gateway.</summary>
public sealed record SearchRequest
{
    /// <summary>The tenant.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The level of the results.</summary>
    public required QueryLevel Level { get; init; }

    /// <summary>Only within this study, when set (from the path).</summary>
    public string? StudyUid { get; init; }

    /// <summary>Only within this series, when set (from the path).</summary>
    public string? SeriesUid { get; init; }

    /// <summary>All must hold.</summary>
    public IReadOnlyList<Criterion> Criteria { get; init; } = [];

    /// <summary>Results to pass over; 0 when <see cref="Cursor"/> is set.</summary>
    public int Offset { get; init; }

    /// <summary>Most results to give, from 1.</summary>
    public required int Limit { get; init; }

    /// <summary>Goes on after the result that this cursor names (from <see cref="SearchPage.NextCursor"/>).</summary>
    public string? Cursor { get; init; }
}

/// <summary>One matching condition on an indexed attribute.</summary>
/// <param name="Attribute">Tag of the attribute; items of Request Attributes Sequence by the tag inside the item.</param>
/// <param name="Match">How it matches.</param>
public sealed record Criterion(DicomTag Attribute, Match Match);

/// <summary>The kinds of matching of PS3.4 C.2.2.2 that are left after universal matching was dropped.</summary>
public abstract record Match
{
    private Match() { }

    /// <summary>Single value or list of UIDs: any of <paramref name="Values"/>, byte for byte.</summary>
    public sealed record AnyOf(IReadOnlyList<string> Values) : Match;

    /// <summary>Wildcard matching: '*' any run, '?' any one character; case-sensitive.</summary>
    public sealed record Wildcard(string Pattern) : Match;

    /// <summary>Person names: case- and accent-insensitive, with wildcards, against each component group. Fuzzy: every word is a prefix of some word of the name.</summary>
    public sealed record Name(string Pattern, bool Fuzzy) : Match;

    /// <summary>Range matching of DA or TM, both ends included; null is open. Compares as text up to the length of each bound's precision.</summary>
    public sealed record Range(string? From, string? To) : Match;

    /// <summary>Combined date and time range (PS3.4 C.2.2.2.5): the pair (date attribute, <paramref name="TimeAttribute"/>) between the two instants, as "YYYYMMDDHHMMSS" prefixes.</summary>
    public sealed record Combined(DicomTag TimeAttribute, string? From, string? To) : Match;

    /// <summary>The attribute is absent or empty (emptyvaluematching, PS3.18 8.3.4.6).</summary>
    public sealed record Empty : Match;
}

/// <summary>A page of results in a total order.</summary>
/// <param name="Rows">The results.</param>
/// <param name="Total">Matches in all, without regard to offset and limit.</param>
/// <param name="TotalIsLowerBound">Counting stopped: there are at least <paramref name="Total"/>.</param>
/// <param name="NextCursor">Goes on after the last row; null when nothing follows.</param>
public sealed record SearchPage(IReadOnlyList<SearchRow> Rows, long Total, bool TotalIsLowerBound, string? NextCursor);

/// <summary>One result. Study is always set; Series at the series and instance level; Instance at the instance level.</summary>
public sealed record SearchRow(StudyResult Study, SeriesResult? Series, InstanceEntry? Instance);

/// <summary>A study with the values that the index computes.</summary>
/// <param name="StudyUid">Study Instance UID.</param>
/// <param name="Attributes">For each attribute the non-empty value of the live instance with the smallest origin.</param>
/// <param name="Modalities">Modalities in Study (0008,0061), sorted.</param>
/// <param name="SeriesCount">(0020,1206).</param>
/// <param name="InstanceCount">(0020,1208).</param>
/// <param name="Bytes">Stored bytes of the live instances.</param>
/// <param name="First">The live instance with the smallest origin, whose metadata answers for attributes that have no column.</param>
public sealed record StudyResult(string StudyUid, StudyAttributes Attributes, IReadOnlyList<string> Modalities, int SeriesCount, int InstanceCount, long Bytes, MetadataLocator First);

/// <summary>A series with the values that the index computes.</summary>
/// <param name="SeriesUid">Series Instance UID.</param>
/// <param name="Attributes">As for a study.</param>
/// <param name="InstanceCount">(0020,1209).</param>
/// <param name="First">The live instance of this series with the smallest origin.</param>
public sealed record SeriesResult(string SeriesUid, SeriesAttributes Attributes, int InstanceCount, MetadataLocator First);

namespace VnaCloud.Cli.Migration;

/// <summary>A study that the source lists.</summary>
/// <param name="StudyUid">Study Instance UID.</param>
/// <param name="Instances">Number of Study Related Instances (0020,1208), where the source says it.</param>
internal sealed record ListedStudy(string StudyUid, int? Instances);

/// <summary>A series that the source lists: the unit of work.</summary>
/// <param name="StudyUid">Study Instance UID.</param>
/// <param name="SeriesUid">Series Instance UID.</param>
/// <param name="Instances">Number of Series Related Instances (0020,1209), where the source says it.</param>
internal sealed record ListedSeries(string StudyUid, string SeriesUid, int? Instances);

/// <summary>Which studies are to come.</summary>
/// <param name="StudyUids">Only these; empty for all.</param>
/// <param name="Dates">Range of Study Date, such as <c>20200101-20201231</c>; null for all.</param>
/// <param name="Modality">One of Modalities in Study; null for all.</param>
internal sealed record StudyFilter(IReadOnlyList<string> StudyUids, string? Dates, string? Modality);

/// <summary>An archive that everything is taken out of: over DICOMweb, or over DIMSE.</summary>
internal interface IMigrationSource : IAsyncDisposable
{
    /// <summary>The studies.</summary>
    /// <exception cref="SourceException">The source does not answer, or refuses.</exception>
    IAsyncEnumerable<ListedStudy> StudiesAsync(StudyFilter filter, CancellationToken cancellation);

    /// <summary>The series of a study.</summary>
    /// <exception cref="SourceException">The source does not answer, or refuses.</exception>
    Task<IReadOnlyList<ListedSeries>> SeriesAsync(string studyUid, CancellationToken cancellation);

    /// <summary>SOP Instance UIDs of a series.</summary>
    /// <exception cref="SourceException">The source does not answer, or refuses.</exception>
    Task<IReadOnlyList<string>> InstancesAsync(ListedSeries series, CancellationToken cancellation);

    /// <summary>Gets instances of a series into files (PS3.10) of a folder, as the source has them stored where it can give them so.</summary>
    /// <param name="series">The series.</param>
    /// <param name="sopUids">Those that are wanted; others may come, too.</param>
    /// <param name="whole">Whether these are all of the series.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Paths, each of a complete file.</returns>
    /// <exception cref="SourceException">It broke off: what was given before is good.</exception>
    IAsyncEnumerable<string> FetchAsync(ListedSeries series, IReadOnlyList<string> sopUids, bool whole, string folder, CancellationToken cancellation);
}

/// <summary>The source does not do what it was asked.</summary>
/// <param name="message">A sentence.</param>
/// <param name="isGone">It does not answer at all.</param>
/// <param name="inner">The cause.</param>
internal sealed class SourceException(string message, bool isGone, Exception? inner = null) : Exception(message, inner)
{
    public bool IsGone => isGone;
}

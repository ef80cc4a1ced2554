namespace VnaCloud.Archive;

/// <summary>Beside the index port: how much there is, by day of arrival and by modality. Both providers pass StatisticsContract.</summary>
public interface IStatisticsIndex
{
    /// <summary>
    /// Sums of live studies. A study counts as a whole, on the UTC day on which the first of its live instances arrived, and for each of its
    /// modalities.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="since">The first day with sums of its own; what arrived earlier is in the totals and in the modalities.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SearchTooSlowException">It took longer than <see cref="StatisticsLimits.Time"/>.</exception>
    Task<ArchiveStatistics> StatisticsAsync(TenantId tenant, DateOnly since, CancellationToken cancellation);
}

/// <summary>What statistics may cost.</summary>
public static class StatisticsLimits
{
    /// <summary>How long all studies may be looked at.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    /// <summary>Combinations of modalities that are told apart; studies may say what they like.</summary>
    public const int Combinations = 10_000;
}

/// <summary>A number of studies and what they have.</summary>
public readonly record struct StudySums(long Studies, long Series, long Instances, long Bytes)
{
    /// <summary>Both together.</summary>
    public static StudySums operator +(StudySums left, StudySums right) =>
        new(left.Studies + right.Studies, left.Series + right.Series, left.Instances + right.Instances, left.Bytes + right.Bytes);
}

/// <summary>Sums of an archive.</summary>
/// <param name="Total">All studies.</param>
/// <param name="Days">Days on which studies arrived, in order.</param>
/// <param name="Modalities">Most bytes first; "" where series say none.</param>
public sealed record ArchiveStatistics(StudySums Total, IReadOnlyList<KeyValuePair<DateOnly, StudySums>> Days, IReadOnlyList<KeyValuePair<string, StudySums>> Modalities);

using VnaCloud.Archive;

namespace VnaCloud.Index.Statistics;

/// <summary>Puts sums together as a provider finds them.</summary>
internal sealed class StatisticsBuilder(DateOnly since)
{
    private const long DayMilliseconds = 24 * 60 * 60 * 1000;

    private readonly Dictionary<int, StudySums> _days = [];
    private readonly Dictionary<string, StudySums> _combinations = new(StringComparer.Ordinal);
    private StudySums _total;

    /// <summary>Days since 1970 of the first day with sums of its own.</summary>
    public int FirstDay { get; } = DayOf(since);

    /// <summary>The day on which an arrival's ULID was made.</summary>
    public static int DayOf(ReadOnlySpan<byte> origin) => (int)(Ulid.Read(origin).Time.ToUnixTimeMilliseconds() / DayMilliseconds);

    public void AddDay(int day, in StudySums sums)
    {
        _total += sums;
        if (day >= FirstDay)
        {
            _days[day] = _days.GetValueOrDefault(day) + sums;
        }
    }

    /// <param name="modalities">As the study's row has them: separated by backslashes.</param>
    /// <param name="sums">Of studies that have just these.</param>
    public void AddModalities(string modalities, in StudySums sums)
    {
        if (_combinations.Count < StatisticsLimits.Combinations || _combinations.ContainsKey(modalities))
        {
            _combinations[modalities] = _combinations.GetValueOrDefault(modalities) + sums;
        }
    }

    public ArchiveStatistics Build()
    {
        var modalities = new Dictionary<string, StudySums>(StringComparer.Ordinal);
        foreach (var (combination, sums) in _combinations)
        {
            foreach (var modality in combination.Split('\\'))
            {
                modalities[modality] = modalities.GetValueOrDefault(modality) + sums;
            }
        }
        return new ArchiveStatistics(
            _total,
            [.. _days.OrderBy(static day => day.Key).Select(static day => KeyValuePair.Create(DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day.Key)), day.Value))],
            [.. modalities.OrderByDescending(static modality => modality.Value.Bytes).ThenBy(static modality => modality.Key, StringComparer.Ordinal)]);
    }

    private static int DayOf(DateOnly day) => day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
}

using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>What of an instance row its study and series are computed from.</summary>
internal readonly record struct Arrival(string SeriesUid, string SopUid, Origin Origin, long SetId, long Bytes);

/// <summary>How the rows of one study changed in a transaction; studies and series are brought up to date once, at its end.</summary>
internal sealed class StudyDelta(TenantId tenant, string studyUid)
{
    public TenantId Tenant { get; } = tenant;

    public string StudyUid { get; } = studyUid;

    /// <summary>In key order, so that every provider locks in one order.</summary>
    public SortedDictionary<string, SeriesDelta> Series { get; } = new(StringComparer.Ordinal);

    public int Instances { get; private set; }

    public long Bytes { get; private set; }

    public bool HasRemovals => Series.Values.Any(static series => series.HasRemovals);

    /// <summary>Known when the attribute sets are up to date.</summary>
    public bool AttributesChanged => Series.Values.Any(static series => series.SetsChanged);

    /// <summary>An instance row was inserted; <paramref name="json"/> is its attribute set, null where the set is known to be stored.</summary>
    public void Added(in Arrival arrival, byte[]? json)
    {
        (Instances, Bytes) = (Instances + 1, Bytes + arrival.Bytes);
        var series = Of(arrival.SeriesUid);
        series.Count++;
        if (series.First is null || arrival.Origin.CompareTo(series.First.Value.Origin) < 0)
        {
            series.First = arrival;
        }
        series.Of(arrival.SetId, json).Add(arrival.Origin);
    }

    /// <summary>An instance row was deleted.</summary>
    public void Removed(in Arrival arrival)
    {
        (Instances, Bytes) = (Instances - 1, Bytes - arrival.Bytes);
        var series = Of(arrival.SeriesUid);
        series.Count--;
        series.HasRemovals = true;
        series.Of(arrival.SetId, null).Remove();
    }

    private SeriesDelta Of(string seriesUid)
    {
        if (!Series.TryGetValue(seriesUid, out var series))
        {
            Series.Add(seriesUid, series = new SeriesDelta());
        }
        return series;
    }
}

/// <summary>The part of a <see cref="StudyDelta"/> for one series.</summary>
internal sealed class SeriesDelta
{
    public int Count { get; set; }

    /// <summary>Of the rows that were added, the one with the smallest origin.</summary>
    public Arrival? First { get; set; }

    public bool HasRemovals { get; set; }

    /// <summary>The attributes of the series may have changed.</summary>
    public bool SetsChanged { get; set; }

    public Dictionary<long, SetDelta> Sets { get; } = [];

    public SetDelta Of(long setId, byte[]? json)
    {
        if (!Sets.TryGetValue(setId, out var set))
        {
            Sets.Add(setId, set = new SetDelta(json));
        }
        return set;
    }
}

/// <summary>The part of a <see cref="SeriesDelta"/> for the instances that say the same.</summary>
internal sealed class SetDelta(byte[]? json)
{
    public byte[]? Json { get; } = json;

    public int Count { get; private set; }

    public Origin? MinAdded { get; private set; }

    public bool HasRemovals { get; private set; }

    public void Add(Origin origin)
    {
        Count++;
        if (MinAdded is null || origin.CompareTo(MinAdded.Value) < 0)
        {
            MinAdded = origin;
        }
    }

    public void Remove()
    {
        Count--;
        HasRemovals = true;
    }
}

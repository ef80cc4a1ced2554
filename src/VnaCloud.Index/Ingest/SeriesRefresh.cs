using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>Brings one series row up to date.</summary>
internal static class SeriesRefresh
{
    /// <summary>Gives by how much the number of series changed.</summary>
    public static int Run(IIndexRows rows, StudyDelta delta, string seriesUid, SeriesDelta part)
    {
        var old = rows.Series(delta.Tenant, delta.StudyUid, seriesUid);
        var count = (old?.Count ?? 0) + part.Count;
        if (count == 0)
        {
            rows.DeleteSeries(delta.Tenant, delta.StudyUid, seriesUid);
            return old is null ? 0 : -1;
        }
        var (origin, sopUid) = First(rows, delta, seriesUid, part, old);
        var series = new SeriesCount(count, origin, sopUid);
        if (part.SetsChanged || old is null)
        {
            var attributes = AttributeColumns.FirstOfSeries(rows.SetsOfSeries(delta.Tenant, delta.StudyUid, seriesUid));
            rows.SaveSeries(delta.Tenant, delta.StudyUid, seriesUid, attributes, series);
        }
        else
        {
            rows.ChangeSeries(delta.Tenant, delta.StudyUid, seriesUid, series);
        }
        return old is null ? 1 : 0;
    }

    private static (Origin Origin, string SopUid) First(IIndexRows rows, StudyDelta delta, string seriesUid, SeriesDelta part, SeriesCount? old)
    {
        if (part.HasRemovals)
        {
            return rows.FirstOfSeries(delta.Tenant, delta.StudyUid, seriesUid);
        }
        var added = part.First!.Value;
        return old is { } was && was.First.CompareTo(added.Origin) < 0 ? (was.First, was.FirstSopUid) : (added.Origin, added.SopUid);
    }
}

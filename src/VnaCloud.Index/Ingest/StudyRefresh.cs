using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// Brings a study, its series, words, modalities and patient up to date with its instance rows. One function for commit, delete, restore
/// and reindex; its result depends on the instance rows only, not on the order in which they came.
/// </summary>
internal static class StudyRefresh
{
    /// <summary>The first half: attribute sets, which say whether the attributes of study and series may have changed.</summary>
    public static void RunSets(IIndexRows rows, StudyDelta delta)
    {
        foreach (var (seriesUid, part) in delta.Series)
        {
            part.SetsChanged = SetRefresh.Run(rows, delta, seriesUid, part);
        }
    }

    /// <summary>Gives by how much the numbers of studies and series changed.</summary>
    public static (int Studies, int Series) Run(IIndexRows rows, StudyDelta delta, long version)
    {
        var series = 0;
        foreach (var (seriesUid, part) in delta.Series)
        {
            series += SeriesRefresh.Run(rows, delta, seriesUid, part);
        }
        var old = rows.Study(delta.Tenant, delta.StudyUid);
        if ((old?.Instances ?? 0) + delta.Instances == 0)
        {
            rows.DeleteStudy(delta.Tenant, delta.StudyUid);
            DerivedRows.Replace(rows, old, null);
            return (old is null ? 0 : -1, series);
        }
        var study = (old ?? StudyRecord.New(delta.Tenant, delta.StudyUid)) with { Version = version };
        study = study with
        {
            SeriesCount = study.SeriesCount + series,
            Instances = study.Instances + delta.Instances,
            Bytes = study.Bytes + delta.Bytes,
            First = First(rows, delta, old),
        };
        if (delta.AttributesChanged)
        {
            study = study with
            {
                Attributes = AttributeColumns.FirstOfStudy(rows.SetsOfStudy(delta.Tenant, delta.StudyUid)),
                Modalities = string.Join('\\', new SortedSet<string>(rows.Modalities(delta.Tenant, delta.StudyUid), StringComparer.Ordinal)),
            };
        }
        rows.SaveStudy(study);
        DerivedRows.Replace(rows, old, study);
        return (old is null ? 1 : 0, series);
    }

    // After removals the first has to be looked for; after additions it can only be one of them.
    private static FirstInstance First(IIndexRows rows, StudyDelta delta, StudyRecord? old)
    {
        if (old is null || delta.HasRemovals)
        {
            return rows.FirstOfStudy(delta.Tenant, delta.StudyUid);
        }
        return delta.Series.Values.Where(static series => series.First is not null)
            .Select(static series => new FirstInstance(series.First!.Value.Origin, series.First.Value.SeriesUid, series.First.Value.SopUid))
            .Append(old.First).MinBy(static first => first.Origin)!;
    }
}

using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// Brings a study, its series, words, modalities and patient up to date with its instance rows. One function for commit, delete, restore
/// and reindex; its result depends on the instance rows only, not on the order in which they came.
/// </summary>
internal static class StudyRefresh
{
    private const string SetsOfStudy =
        "SELECT json FROM attribute_set WHERE tenant_id = ? AND study_uid = ? AND live_count > 0 ORDER BY min_origin, series_uid";

    /// <summary>Gives by how much the numbers of studies and series changed.</summary>
    public static (int Studies, int Series) Run(SqliteSession session, StudyDelta delta, long version)
    {
        var (series, attributesChanged) = (0, false);
        foreach (var (seriesUid, part) in delta.Series)
        {
            var setsChanged = SetRefresh.Run(session, delta, seriesUid, part);
            series += SeriesRefresh.Run(session, delta, seriesUid, part, setsChanged);
            attributesChanged |= setsChanged;
        }
        var old = StudyRecord.Load(session, delta.Tenant, delta.StudyUid);
        if ((old?.Instances ?? 0) + delta.Instances == 0)
        {
            StudyRecord.Delete(session, delta.Tenant, delta.StudyUid);
            DerivedRows.Replace(session, old, null);
            return (old is null ? 0 : -1, series);
        }
        var study = (old ?? StudyRecord.New(delta.Tenant, delta.StudyUid)) with { Version = version };
        study = study with
        {
            SeriesCount = study.SeriesCount + series,
            Instances = study.Instances + delta.Instances,
            Bytes = study.Bytes + delta.Bytes,
            First = First(session, delta, old),
        };
        if (attributesChanged)
        {
            study = study with
            {
                Attributes = AttributeColumns.FirstOfStudy(Sets(session.Prepare(SetsOfStudy).Bind(delta.Tenant.Value, delta.StudyUid))),
                Modalities = Modalities(session, delta),
            };
        }
        study.Save(session);
        DerivedRows.Replace(session, old, study);
        return (old is null ? 1 : 0, series);
    }

    /// <summary>The attribute sets that a statement selects, in its order.</summary>
    public static List<AttributeSet> Sets(Statement rows)
    {
        var sets = new List<AttributeSet>();
        while (rows.Step())
        {
            sets.Add(AttributeSet.Parse(rows.Bytes(0)));
        }
        return sets;
    }

    // After removals the first has to be looked for; after additions it can only be one of them.
    private static FirstInstance First(SqliteSession session, StudyDelta delta, StudyRecord? old)
    {
        if (old is null || delta.Series.Values.Any(static series => series.HasRemovals))
        {
            var row = session.Prepare("""
                SELECT first_origin, series_uid, first_sop_uid FROM series WHERE tenant_id = ? AND study_uid = ? ORDER BY first_origin LIMIT 1
                """).Bind(delta.Tenant.Value, delta.StudyUid);
            row.Step();
            var found = new FirstInstance(Origin.Read(row.Bytes(0)), row.Text(1), row.Text(2));
            row.Reset();
            return found;
        }
        return delta.Series.Values.Where(static series => series.First is not null)
            .Select(static series => new FirstInstance(series.First!.Value.Origin, series.First.Value.SeriesUid, series.First.Value.SopUid))
            .Append(old.First).MinBy(static first => first.Origin)!;
    }

    private static string Modalities(SqliteSession session, StudyDelta delta)
    {
        var modalities = new SortedSet<string>(StringComparer.Ordinal);
        var row = session.Prepare("SELECT modality FROM series WHERE tenant_id = ? AND study_uid = ? AND modality <> ''")
            .Bind(delta.Tenant.Value, delta.StudyUid);
        while (row.Step())
        {
            modalities.Add(row.Text(0));
        }
        return string.Join('\\', modalities);
    }
}

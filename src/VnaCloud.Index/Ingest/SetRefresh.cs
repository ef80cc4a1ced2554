using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>
/// Counts the live instances of attribute sets and keeps their smallest origin. A set stays when its last instance is deleted: a restore
/// needs it.
/// </summary>
internal static class SetRefresh
{
    /// <summary>Whether the attributes of series and study may have changed.</summary>
    public static bool Run(IIndexRows rows, StudyDelta delta, string seriesUid, SeriesDelta series)
    {
        var changed = false;
        foreach (var (setId, set) in series.Sets)
        {
            var key = new SetKey(delta.Tenant.Value, delta.StudyUid, seriesUid, setId);
            if (rows.Set(key) is { } old)
            {
                changed |= Update(rows, key, old, set);
            }
            else
            {
                rows.AddSet(key, new SetCount(set.Count, set.MinAdded!.Value), set.Json!);
                changed = true;
            }
        }
        return changed;
    }

    private static bool Update(IIndexRows rows, SetKey key, SetCount old, SetDelta set)
    {
        var count = old.Count + set.Count;
        var min = set.HasRemovals ? rows.FirstOrigin(key) ?? old.Min
            : old.Count == 0 || set.MinAdded!.Value.CompareTo(old.Min) < 0 ? set.MinAdded!.Value
            : old.Min;
        rows.ChangeSet(key, new SetCount(count, min));
        return (old.Count == 0) != (count == 0) || min != old.Min;
    }
}

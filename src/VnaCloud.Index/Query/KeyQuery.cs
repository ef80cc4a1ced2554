using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>The keys of all results of a search, their order, and where a page starts.</summary>
internal static class KeyQuery
{
    public static IQueryable<ResultKey> Compose(IndexDb db, SearchRequest request)
    {
        var criteria = new CriteriaSplit(request.Criteria);
        var filters = new Filters(db, request, criteria);
        return request.Level switch
        {
            QueryLevel.Study => (request.StudyUid is null ? StudyKeys.TryCompose(db, request.Tenant.Value, request.Criteria) : null) ?? Of(filters.StudiesWithMatches()),
            QueryLevel.Series => filters.BeginsAtStudies ? new NestedKeys(db, request, criteria, filters).Series() :
                from study in filters.Studies()
                join series in filters.SeriesWithMatches() on new { study.TenantId, study.StudyUid } equals new { series.TenantId, series.StudyUid }
                select new ResultKey
                {
                    StudyDate = study.StudyDate, StudyTime = study.StudyTime, StudyUid = study.StudyUid,
                    SeriesOrder = series.SeriesOrder, SeriesUid = series.SeriesUid,
                },
            _ => filters.BeginsAtStudies ? new NestedKeys(db, request, criteria, filters).Instances() :
                from study in filters.Studies()
                join series in filters.Series() on new { study.TenantId, study.StudyUid } equals new { series.TenantId, series.StudyUid }
                join instance in filters.Instances() on new { series.TenantId, series.StudyUid, series.SeriesUid }
                    equals new { instance.TenantId, instance.StudyUid, instance.SeriesUid }
                select new ResultKey
                {
                    StudyDate = study.StudyDate, StudyTime = study.StudyTime, StudyUid = study.StudyUid,
                    SeriesOrder = series.SeriesOrder, SeriesUid = series.SeriesUid,
                    InstanceOrder = instance.InstanceOrder, SopUid = instance.SopUid,
                },
        };
    }

    /// <summary>Studies as their keys.</summary>
    public static IQueryable<ResultKey> Of(IQueryable<StudyEntity> studies) => studies.Select(static study => new ResultKey
    {
        StudyDate = study.StudyDate, StudyTime = study.StudyTime, StudyUid = study.StudyUid,
    });

    public static IQueryable<ResultKey> InOrder(IQueryable<ResultKey> keys, QueryLevel level)
    {
        var ordered = keys.OrderByDescending(static key => key.StudyDate).ThenByDescending(static key => key.StudyTime).ThenBy(static key => key.StudyUid);
        if (level >= QueryLevel.Series)
        {
            ordered = ordered.ThenBy(static key => key.SeriesOrder).ThenBy(static key => key.SeriesUid);
        }
        return level == QueryLevel.Instance ? ordered.ThenBy(static key => key.InstanceOrder).ThenBy(static key => key.SopUid) : ordered;
    }

    /// <summary>
    /// What follows a key, as pieces in order. Each piece is one range of an index; as one condition (a &lt; x or a = x and b &lt; y ...)
    /// it would be none.
    /// </summary>
    public static IEnumerable<IQueryable<ResultKey>> After(IQueryable<ResultKey> keys, SearchRequest request, ResultKey last)
    {
        if (request.Level == QueryLevel.Instance)
        {
            yield return keys.Where(key => key.StudyUid == last.StudyUid && key.SeriesUid == last.SeriesUid && (key.InstanceOrder > last.InstanceOrder
                || (key.InstanceOrder == last.InstanceOrder && string.Compare(key.SopUid, last.SopUid) > 0)));
        }
        if (request.Level >= QueryLevel.Series)
        {
            yield return keys.Where(key => key.StudyUid == last.StudyUid && (key.SeriesOrder > last.SeriesOrder
                || (key.SeriesOrder == last.SeriesOrder && string.Compare(key.SeriesUid, last.SeriesUid) > 0)));
        }
        if (request.StudyUid is not null)
        {
            yield break;
        }
        yield return keys.Where(key => key.StudyDate == last.StudyDate && key.StudyTime == last.StudyTime && string.Compare(key.StudyUid, last.StudyUid) > 0);
        yield return keys.Where(key => key.StudyDate == last.StudyDate && string.Compare(key.StudyTime, last.StudyTime) < 0);
        yield return keys.Where(key => string.Compare(key.StudyDate, last.StudyDate) < 0);
    }
}

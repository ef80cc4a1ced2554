using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>
/// Keys of series and instances study by study, in the order of studies: what follows the page is never looked at. As a plain join
/// the planner, which thinks that series and instance UIDs have nothing to do with those of studies, expects a few rows of millions and sorts them all.
/// </summary>
internal sealed class NestedKeys(IndexDb db, SearchRequest request, CriteriaSplit criteria, Filters filters)
{
    // Limits without an effect: a part with one is kept as it stands, for each row before it.
    private const int All = int.MaxValue;

    // A column and a text are no pair of columns, of which EF Core would make a join over the whole table again.
    private readonly string _nothing = "";

    public IQueryable<ResultKey> Series()
    {
        var below = filters.SeriesWithMatches();
        return
            from study in Studies()
            from series in below.Where(item => item.StudyUid == study.StudyUid + _nothing).Take(All)
            select new ResultKey
            {
                StudyDate = study.StudyDate, StudyTime = study.StudyTime, StudyUid = study.StudyUid,
                SeriesOrder = series.SeriesOrder, SeriesUid = series.SeriesUid,
            };
    }

    public IQueryable<ResultKey> Instances()
    {
        var (below, lowest) = (filters.Series(), filters.Instances());
        return
            from study in Studies()
            from series in below.Where(item => item.StudyUid == study.StudyUid + _nothing).Take(All)
            from instance in lowest.Where(item => item.StudyUid == study.StudyUid + _nothing && item.SeriesUid == series.SeriesUid + _nothing).Take(All)
            select new ResultKey
            {
                StudyDate = study.StudyDate, StudyTime = study.StudyTime, StudyUid = study.StudyUid,
                SeriesOrder = series.SeriesOrder, SeriesUid = series.SeriesUid,
                InstanceOrder = instance.InstanceOrder, SopUid = instance.SopUid,
            };
    }

    // A series of a modality is in a study that lists it.
    private IQueryable<ResultKey> Studies() =>
        StudyKeys.TryCompose(db, request.Tenant.Value, [.. criteria.Study, .. criteria.Series.Where(static criterion =>
            criterion is { Attribute.Value: Columns.Modality, Match: Match.AnyOf any } && StudyKeys.IsRanges(any))])
        ?? KeyQuery.Of(filters.Studies());
}

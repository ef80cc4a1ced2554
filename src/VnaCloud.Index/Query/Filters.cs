using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>The rows of each table that match the criteria of a search, as queries to build others on.</summary>
internal sealed class Filters(IndexDb db, SearchRequest request, CriteriaSplit criteria)
{
    private readonly int _tenant = request.Tenant.Value;
    private readonly string? _studyUid = request.StudyUid;
    private readonly string? _seriesUid = request.SeriesUid;

    /// <summary>Studies for which the criteria of the study level hold.</summary>
    public IQueryable<StudyEntity> Studies()
    {
        var studies = db.Studies.Where(study => study.TenantId == _tenant);
        if (_studyUid is not null)
        {
            studies = studies.Where(study => study.StudyUid == _studyUid);
        }
        return criteria.Study.Aggregate(studies, Apply);
    }

    /// <summary>Studies for which all criteria hold, those of lower levels for something in the study.</summary>
    public IQueryable<StudyEntity> StudiesWithMatches()
    {
        var studies = Studies();
        if (!criteria.HasSeriesOrBelow)
        {
            return studies;
        }
        var series = SeriesWithMatches();
        studies = studies.Where(study => series.Any(item => item.TenantId == _tenant && item.StudyUid == study.StudyUid));
        // Where few rows can match, start from them: otherwise every study would be asked.
        if (HasUid(criteria.Instance, Columns.SopInstanceUid))
        {
            var uids = Instances().Select(static instance => instance.StudyUid);
            studies = studies.Where(study => uids.Contains(study.StudyUid));
        }
        else if (HasUid(criteria.Series, Columns.SeriesInstanceUid))
        {
            var uids = series.Select(static item => item.StudyUid);
            studies = studies.Where(study => uids.Contains(study.StudyUid));
        }
        else if (HasSelectiveRequest)
        {
            var uids = Requests().Select(static item => item.StudyUid);
            studies = studies.Where(study => uids.Contains(study.StudyUid));
        }
        return studies;
    }

    /// <summary>Series for which the criteria of the series level hold.</summary>
    public IQueryable<SeriesEntity> Series()
    {
        var series = db.Series.Where(item => item.TenantId == _tenant);
        series = _studyUid is null ? series : series.Where(item => item.StudyUid == _studyUid);
        series = _seriesUid is null ? series : series.Where(item => item.SeriesUid == _seriesUid);
        foreach (var criterion in criteria.Series)
        {
            series = Apply(series, criterion);
        }
        return WithRequests(series);
    }

    /// <summary>Series for which all criteria of the series and instance level hold.</summary>
    public IQueryable<SeriesEntity> SeriesWithMatches()
    {
        var series = Series();
        if (criteria.Instance.Count == 0)
        {
            return series;
        }
        var instances = Instances();
        series = series.Where(item =>
            instances.Any(instance => instance.TenantId == _tenant && instance.StudyUid == item.StudyUid && instance.SeriesUid == item.SeriesUid));
        if (HasUid(criteria.Instance, Columns.SopInstanceUid))
        {
            var uids = instances.Select(static instance => instance.SeriesUid);
            series = series.Where(item => uids.Contains(item.SeriesUid));
        }
        return series;
    }

    /// <summary>Instances for which the criteria of the instance level hold.</summary>
    public IQueryable<InstanceEntity> Instances()
    {
        var instances = db.Instances.Where(item => item.TenantId == _tenant);
        instances = _studyUid is null ? instances : instances.Where(item => item.StudyUid == _studyUid);
        instances = _seriesUid is null ? instances : instances.Where(item => item.SeriesUid == _seriesUid);
        foreach (var (attribute, match) in criteria.Instance)
        {
            var tag = attribute.Value;
            instances = instances.Where(
                Columns.InstanceNumbers.TryGetValue(tag, out var number) ? Predicates.OfNumber(match).On(number)
                : Columns.InstanceOrders.TryGetValue(tag, out var order) && Predicates.OfOrder(match) is { } byOrder ? byOrder.On(order)
                : Predicates.OfText(db, match).On(Columns.Instance[tag]));
        }
        return instances;
    }

    private IQueryable<StudyEntity> Apply(IQueryable<StudyEntity> studies, Criterion criterion) => (criterion.Attribute.Value, criterion.Match) switch
    {
        (_, Match.Name) => Names.Terms(db, _tenant, criterion).Aggregate(studies, WithWord),
        (Columns.ModalitiesInStudy, var match) => WithModality(studies, match),
        (var tag, Match.Combined combined) =>
            studies.Where(Predicates.OfDateTime(combined).On(Columns.Study[tag], Columns.Study[combined.TimeAttribute.Value])),
        var (tag, match) => studies.Where(Predicates.OfText(db, match).On(Columns.Study[tag])),
    };

    private IQueryable<SeriesEntity> Apply(IQueryable<SeriesEntity> series, Criterion criterion)
    {
        var (tag, match) = (criterion.Attribute.Value, criterion.Match);
        return series.Where(
            match is Match.Combined combined ? Predicates.OfDateTime(combined).On(Columns.Series[tag], Columns.Series[combined.TimeAttribute.Value])
            : Columns.SeriesOrders.TryGetValue(tag, out var order) && Predicates.OfOrder(match) is { } byOrder ? byOrder.On(order)
            : Predicates.OfText(db, match).On(Columns.Series[tag]));
    }

    private static IQueryable<StudyEntity> WithWord(IQueryable<StudyEntity> studies, IQueryable<StudyWordEntity> term)
    {
        var uids = term.Select(static row => row.StudyUid);
        return studies.Where(study => uids.Contains(study.StudyUid));
    }

    private IQueryable<StudyEntity> WithModality(IQueryable<StudyEntity> studies, Match match)
    {
        if (match is Match.Empty)
        {
            return studies.Where(static study => study.Modalities == "");
        }
        if (match is Match.AnyOf { Values: [var modality] })
        {
            return studies.Where(study => db.StudyModalities.Any(item => item.TenantId == _tenant && item.Modality == modality
                && item.StudyDate == study.StudyDate && item.StudyTime == study.StudyTime && item.StudyUid == study.StudyUid));
        }
        var series = db.Series.Where(Predicates.OfText(db, match).On<SeriesEntity, string>(static item => item.Modality)).Where(static item => item.Modality != "");
        return studies.Where(study => series.Any(item => item.TenantId == _tenant && item.StudyUid == study.StudyUid));
    }

    private IQueryable<SeriesEntity> WithRequests(IQueryable<SeriesEntity> series)
    {
        if (criteria.Requests.Exists(static criterion => criterion.Match is not Match.Empty))
        {
            var requests = Requests();
            series = series.Where(item =>
                requests.Any(request => request.TenantId == _tenant && request.StudyUid == item.StudyUid && request.SeriesUid == item.SeriesUid));
            if (HasSelectiveRequest)
            {
                var uids = requests.Select(static request => request.SeriesUid);
                series = series.Where(item => uids.Contains(item.SeriesUid));
            }
        }
        foreach (var (attribute, _) in criteria.Requests.Where(static criterion => criterion.Match is Match.Empty))
        {
            var filled = db.SeriesRequests.Where(Predicates.OfText(db, new Match.Range("", null)).On(Columns.Request[attribute.Value]));
            series = series.Where(item =>
                !filled.Any(request => request.TenantId == _tenant && request.StudyUid == item.StudyUid && request.SeriesUid == item.SeriesUid));
        }
        return series;
    }

    // All conditions on the same item.
    private IQueryable<SeriesRequestEntity> Requests() => criteria.Requests.Where(static criterion => criterion.Match is not Match.Empty)
        .Aggregate(db.SeriesRequests.Where(request => request.TenantId == _tenant), (requests, criterion) =>
            requests.Where(Predicates.OfText(db, criterion.Match).On(Columns.Request[criterion.Attribute.Value])));

    /// <summary>No criterion below studies picks out a few rows by itself, and the database can go on study by study.</summary>
    public bool BeginsAtStudies => db.CanNest && _studyUid is null && _seriesUid is null && !HasSelectiveRequest
        && !HasUid(criteria.Series, Columns.SeriesInstanceUid) && !HasUid(criteria.Instance, Columns.SopInstanceUid);

    private bool HasSelectiveRequest => criteria.Requests.Exists(static criterion => criterion.Match is Match.AnyOf);

    private static bool HasUid(List<Criterion> list, uint tag) => list.Exists(criterion => criterion.Attribute.Value == tag && criterion.Match is Match.AnyOf);
}

using Microsoft.EntityFrameworkCore;
using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>Loads the rows that a page of keys names, with one query for each level.</summary>
internal static class ResultLoader
{
    public static List<SearchRow> Load(IndexDb db, SearchRequest request, List<ResultKey> page)
    {
        if (page.Count == 0)
        {
            return [];
        }
        var tenant = request.Tenant.Value;
        var oneStudy = page.TrueForAll(key => key.StudyUid == page[0].StudyUid) ? page[0].StudyUid : null;
        var studies = Studies(db, tenant, page);
        var series = request.Level >= QueryLevel.Series ? Series(db, tenant, page, oneStudy) : [];
        var instances = request.Level == QueryLevel.Instance ? Instances(db, tenant, page, oneStudy) : [];
        return page.ConvertAll(key => new SearchRow(studies[key.StudyUid],
            series.GetValueOrDefault((key.StudyUid, key.SeriesUid)),
            instances.GetValueOrDefault(new InstanceKey(key.StudyUid, key.SeriesUid, key.SopUid))));
    }

    private static Dictionary<string, StudyResult> Studies(IndexDb db, int tenant, List<ResultKey> page)
    {
        var uids = page.Select(static key => key.StudyUid).Distinct().ToArray();
        var rows =
            from study in db.Studies
            where study.TenantId == tenant && EF.Parameter(uids).Contains(study.StudyUid)
            join first in db.Instances on new { study.TenantId, study.StudyUid, SeriesUid = study.FirstSeriesUid, SopUid = study.FirstSopUid }
                equals new { first.TenantId, first.StudyUid, first.SeriesUid, first.SopUid }
            join pack in db.Packs on new { first.TenantId, first.StudyUid, PackId = first.MetadataPack }
                equals new { pack.TenantId, pack.StudyUid, pack.PackId }
            select new { study, pack.ObjectKey, first.MetadataOffset, first.Segments };
        return rows.ToDictionary(static row => row.study.StudyUid, static row => EntityMapping.Result(row.study,
            new MetadataLocator(row.ObjectKey, row.MetadataOffset, Segments.Read(row.Segments))));
    }

    private static Dictionary<(string, string), SeriesResult> Series(IndexDb db, int tenant, List<ResultKey> page, string? oneStudy)
    {
        // Across studies the UID alone finds a series; one that is in two studies comes twice, and only the one asked for is used.
        var uids = page.Select(static key => key.SeriesUid).Distinct().ToArray();
        var matching = db.Series.Where(series => series.TenantId == tenant && EF.Parameter(uids).Contains(series.SeriesUid));
        matching = oneStudy is null ? matching : matching.Where(series => series.StudyUid == oneStudy);
        var rows =
            from series in matching
            join first in db.Instances on new { series.TenantId, series.StudyUid, series.SeriesUid, SopUid = series.FirstSopUid }
                equals new { first.TenantId, first.StudyUid, first.SeriesUid, first.SopUid }
            join pack in db.Packs on new { first.TenantId, first.StudyUid, PackId = first.MetadataPack }
                equals new { pack.TenantId, pack.StudyUid, pack.PackId }
            select new { series, pack.ObjectKey, first.MetadataOffset, first.Segments };
        var loaded = rows.ToList();
        var requests = Requests(db, tenant, uids, oneStudy);
        return loaded.ToDictionary(static row => (row.series.StudyUid, row.series.SeriesUid), row => EntityMapping.Result(row.series,
            [.. requests[(row.series.StudyUid, row.series.SeriesUid)]],
            new MetadataLocator(row.ObjectKey, row.MetadataOffset, Segments.Read(row.Segments))));
    }

    private static ILookup<(string, string), RequestAttributes> Requests(IndexDb db, int tenant, string[] seriesUids, string? oneStudy)
    {
        var matching = oneStudy is not null
            ? db.SeriesRequests.Where(request => request.TenantId == tenant && request.StudyUid == oneStudy
                && EF.Parameter(seriesUids).Contains(request.SeriesUid))
            : from series in db.Series
              where series.TenantId == tenant && EF.Parameter(seriesUids).Contains(series.SeriesUid)
              join request in db.SeriesRequests on new { series.TenantId, series.StudyUid, series.SeriesUid }
                  equals new { request.TenantId, request.StudyUid, request.SeriesUid }
              select request;
        return matching.OrderBy(static request => request.StudyUid).ThenBy(static request => request.SeriesUid).ThenBy(static request => request.Item)
            .AsEnumerable().ToLookup(static request => (request.StudyUid, request.SeriesUid),
                static request => new RequestAttributes(request.ScheduledProcedureStepId, request.RequestedProcedureId));
    }

    private static Dictionary<InstanceKey, InstanceEntry> Instances(IndexDb db, int tenant, List<ResultKey> page, string? oneStudy)
    {
        var uids = page.Select(static key => key.SopUid).Distinct().ToArray();
        var matching = db.Instances.Where(instance => instance.TenantId == tenant && EF.Parameter(uids).Contains(instance.SopUid));
        matching = oneStudy is null ? matching : matching.Where(instance => instance.StudyUid == oneStudy);
        var rows = matching.ToList();
        var packs = Packs(db, tenant, rows);
        return rows.Select(row => EntityMapping.Entry(row, packs[(row.StudyUid, row.DataPack)], packs[(row.StudyUid, row.MetadataPack)]))
            .ToDictionary(static entry => entry.Key);
    }

    // Not joined: a study that came one instance at a time has as many packs as instances, and the planner would begin with them.
    private static Dictionary<(string Study, long Pack), string> Packs(IndexDb db, int tenant, List<InstanceEntity> rows)
    {
        var studies = rows.Select(static row => row.StudyUid).Distinct().ToArray();
        var ids = rows.Select(static row => row.DataPack).Concat(rows.Select(static row => row.MetadataPack)).Distinct().ToArray();
        return db.Packs
            .Where(pack => pack.TenantId == tenant && EF.Parameter(studies).Contains(pack.StudyUid) && EF.Parameter(ids).Contains(pack.PackId))
            .ToDictionary(static pack => (pack.StudyUid, pack.PackId), static pack => pack.ObjectKey);
    }
}

using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Query;

/// <summary>Totals of searches without criteria, which are kept up to date with every commit.</summary>
internal static class Counters
{
    public static long Total(IndexDb db, SearchRequest request)
    {
        var tenant = request.Tenant.Value;
        if (request.SeriesUid is { } seriesUid)
        {
            return db.Series.Where(row => row.TenantId == tenant && row.SeriesUid == seriesUid)
                .Where(row => request.StudyUid == null || row.StudyUid == request.StudyUid)
                .Select(row => request.Level == QueryLevel.Instance ? row.InstanceCount : 1).Sum();
        }
        if (request.StudyUid is { } studyUid)
        {
            var study = db.Studies.FirstOrDefault(row => row.TenantId == tenant && row.StudyUid == studyUid);
            return study is null ? 0 : request.Level switch { QueryLevel.Study => 1, QueryLevel.Series => study.SeriesCount, _ => study.InstanceCount };
        }
        var all = db.Tenants.FirstOrDefault(row => row.TenantId == tenant);
        return all is null ? 0 : request.Level switch { QueryLevel.Study => all.Studies, QueryLevel.Series => all.Series, _ => all.Instances };
    }
}

using Npgsql;
using VnaCloud.Archive;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Totals of searches without criteria, which are kept up to date with every commit.</summary>
internal static class SearchTotals
{
    private const string OfTenant = "FROM tenant_count WHERE tenant_id = $1";
    private const string OfStudy = "FROM study WHERE tenant_id = $1 AND study_uid = $2";
    private const string OfSeries = "FROM series WHERE tenant_id = $1 AND series_uid = $2 AND ($3 = '' OR study_uid = $3)";

    public static void Add(NpgsqlBatch batch, SearchRequest request)
    {
        var tenant = Value(request.Tenant.Value);
        if (request.SeriesUid is { } seriesUid)
        {
            batch.Add(request.Level == QueryLevel.Instance ? $"SELECT sum(instance_count)::bigint {OfSeries}" : $"SELECT count(*) {OfSeries}",
                tenant, Value(Ingest.Text.Whole(seriesUid)), Value(Ingest.Text.Whole(request.StudyUid ?? "")));
        }
        else if (request.StudyUid is { } studyUid)
        {
            batch.Add(request.Level switch
            {
                QueryLevel.Study => $"SELECT count(*) {OfStudy}",
                QueryLevel.Series => $"SELECT sum(series_count)::bigint {OfStudy}",
                _ => $"SELECT sum(instance_count)::bigint {OfStudy}",
            }, tenant, Value(Ingest.Text.Whole(studyUid)));
        }
        else
        {
            batch.Add(request.Level switch
            {
                QueryLevel.Study => $"SELECT sum(studies)::bigint {OfTenant}",
                QueryLevel.Series => $"SELECT sum(series)::bigint {OfTenant}",
                _ => $"SELECT sum(instances)::bigint {OfTenant}",
            }, tenant);
        }
    }
}

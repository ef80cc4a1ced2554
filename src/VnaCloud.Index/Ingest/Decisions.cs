using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Ingest;

/// <summary>Deletes and restores within a transaction.</summary>
internal static class Decisions
{
    /// <summary>Gives the number of instances concerned. <paramref name="arrivals"/> are those in the request's scope: live ones to
    /// delete, or deleted ones to restore, of each instance the one that was deleted last first.</summary>
    public static int Apply(IngestTransaction transaction, DecisionRequest request, IEnumerable<Arrival> arrivals)
    {
        transaction.Require(request.Tenant);
        var count = 0;
        foreach (var arrival in arrivals.DistinctBy(static arrival => (arrival.SeriesUid, arrival.SopUid)))
        {
            count++;
            if (request.Kind == DecisionKind.Delete)
            {
                Delete(transaction, request, arrival);
            }
            else
            {
                Restore(transaction, request, arrival);
            }
        }
        return count;
    }

    private static void Delete(IngestTransaction transaction, DecisionRequest request, in Arrival arrival)
    {
        var key = new InstanceKey(request.StudyUid, arrival.SeriesUid, arrival.SopUid);
        var decision = transaction.Decide(request.Tenant, DecisionKind.Delete, key, arrival.Origin, "request");
        transaction.Rows.MoveToDeleted(request.Tenant, key, transaction.Now, decision);
        transaction.Study(request.Tenant, request.StudyUid).Removed(arrival);
        transaction.Change(request.Tenant, ChangeKind.Delete, key);
    }

    private static void Restore(IngestTransaction transaction, DecisionRequest request, in Arrival arrival)
    {
        var key = new InstanceKey(request.StudyUid, arrival.SeriesUid, arrival.SopUid);
        transaction.Decide(request.Tenant, DecisionKind.Restore, key, arrival.Origin, "request");
        transaction.Rows.MoveToLive(request.Tenant, key, arrival);
        transaction.Study(request.Tenant, request.StudyUid).Added(arrival, null);
        transaction.Change(request.Tenant, ChangeKind.Restore, key);
    }
}

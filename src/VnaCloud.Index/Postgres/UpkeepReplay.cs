using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Postgres;

/// <summary>Makes decisions of the journal true in an index that does not know them.</summary>
internal static class UpkeepReplay
{
    /// <summary>
    /// Deletes and restores in order, in groups that name no instance twice: what a group writes is sent as sets. Each group is a transaction,
    /// so a replay that is stopped leaves the last decision of a group behind, and goes on with the next.
    /// </summary>
    public static IEnumerable<IReadOnlyList<Decision>> Groups(IReadOnlyList<Decision> decisions)
    {
        var (group, named) = (new List<Decision>(), new HashSet<InstanceKey>());
        foreach (var decision in decisions.Where(static decision => decision.Kind != DecisionKind.Void))
        {
            if (!named.Add(decision.Key))
            {
                yield return group;
                (group, named) = ([], [decision.Key]);
            }
            group.Add(decision);
        }
        if (group.Count > 0)
        {
            yield return group;
        }
    }

    public static void Run(IngestTransaction transaction, LoadedRows rows, TenantId tenant, IReadOnlyList<Decision> group)
    {
        transaction.Require(tenant);
        foreach (var decision in group)
        {
            var key = decision.Key;
            var isLive = rows.Of(tenant.Value, key.StudyUid).Arrivals.TryGetValue((key.SeriesUid, key.SopUid), out var live);
            if (decision.Kind == DecisionKind.Delete && isLive && live.Origin == decision.Origin)
            {
                rows.MoveToDeleted(tenant, key, decision.At, decision.Id);
                transaction.Study(tenant, key.StudyUid).Removed(live);
                transaction.Change(tenant, ChangeKind.Delete, key);
            }
            else if (decision.Kind == DecisionKind.Restore && !isLive && rows.Replayable.TryGetValue((key, decision.Origin), out var deleted))
            {
                rows.MoveToLive(tenant, key, deleted);
                transaction.Study(tenant, key.StudyUid).Added(deleted, null);
                transaction.Change(tenant, ChangeKind.Restore, key);
            }
            transaction.RaiseDecisions(decision.Id);
        }
    }
}

using VnaCloud.Archive;

namespace VnaCloud.Index.Ingest;

/// <summary>Rebuilds the rows of arrivals that are deleted.</summary>
internal static class DeletedAdoption
{
    public static void Run(IngestTransaction transaction, PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted)
    {
        var sets = new SetEncoder();
        foreach (var (ordinal, decision) in deleted)
        {
            var member = pack.Members[ordinal];
            var entry = member.Entry;
            var (setId, json) = sets.Encode(member);
            transaction.Rows.KeepSet(new SetKey(pack.Tenant.Value, entry.Key.StudyUid, entry.Key.SeriesUid, setId), entry.Origin, json);
            transaction.Rows.AddDeleted(pack.Tenant, entry, setId, PackId(transaction, pack, entry.Data.PackKey),
                PackId(transaction, pack, entry.Metadata.PackKey), decision.At, decision.Id);
            transaction.RaiseDecisions(decision.Id);
        }
    }

    private static long PackId(IngestTransaction transaction, PackCommit pack, string key) => key == pack.PackKey
        ? transaction.PackId(pack.Tenant, pack.StudyUid, key, pack.Pack, pack.PackLength)
        : transaction.PackId(pack.Tenant, pack.StudyUid, key, default, 0);
}

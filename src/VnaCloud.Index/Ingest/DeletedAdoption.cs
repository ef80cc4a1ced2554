using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>Rebuilds the rows of arrivals that are deleted.</summary>
internal static class DeletedAdoption
{
    private const string Insert = $"""
        INSERT INTO deleted_instance ({InstanceColumns.Names}, deleted_at, decision) VALUES ({InstanceColumns.Parameters}, ?, ?)
        ON CONFLICT DO NOTHING
        """;

    public static void Run(IndexTransaction transaction, PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted)
    {
        var sets = new SetEncoder();
        foreach (var (ordinal, decision) in deleted)
        {
            var member = pack.Members[ordinal];
            var entry = member.Entry;
            var (setId, json) = sets.Encode(member);
            SetRefresh.Keep(transaction.Session, pack.Tenant, entry.Key, setId, json, entry.Origin);
            transaction.Session.Prepare(Insert).Bind(
            [
                .. InstanceColumns.Values(pack.Tenant, entry, setId, PackId(transaction, pack, entry.Data.PackKey),
                    PackId(transaction, pack, entry.Metadata.PackKey)),
                decision.At.ToUnixTimeMilliseconds(), IndexTransaction.Bytes(decision.Id),
            ]).Run();
            transaction.RaiseDecisions(decision.Id);
        }
    }

    private static long PackId(IndexTransaction transaction, PackCommit pack, string key) => key == pack.PackKey
        ? transaction.PackId(pack.Tenant, pack.StudyUid, key, pack.Pack, pack.PackLength)
        : transaction.PackId(pack.Tenant, pack.StudyUid, key, default, 0);
}

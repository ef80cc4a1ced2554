using VnaCloud.Archive;
using VnaCloud.Index.Ingest;

namespace VnaCloud.Index.Postgres;

/// <summary>What a transaction is about, and so what it locks and loads. Lists are in key order: every server locks in one order.</summary>
internal sealed class TransactionScope
{
    private TransactionScope(IEnumerable<(int Tenant, string Study)> studies) =>
        Studies = [.. studies.Distinct().OrderBy(static study => study.Tenant).ThenBy(static study => study.Study, StringComparer.Ordinal)];

    public List<(int Tenant, string Study)> Studies { get; }

    public List<(int Tenant, InstanceKey Key)> Instances { get; private init; } = [];

    public List<(int Tenant, string Study, string Series)> Series { get; private init; } = [];

    public List<SetKey> Sets { get; private init; } = [];

    public List<(int Tenant, string Key)> Packs { get; private init; } = [];

    public List<PackCommit> Batches { get; private init; } = [];

    /// <summary>Set for deletes and restores, which look at all of their study.</summary>
    public DecisionRequest? Decision { get; private init; }

    public static TransactionScope Of(IReadOnlyList<PackCommit> packs)
    {
        var members = packs.SelectMany(static pack => pack.Members.Select(member => (Tenant: pack.Tenant.Value, Member: member))).ToList();
        var encoder = new SetEncoder();
        return new TransactionScope(packs.Select(static pack => (pack.Tenant.Value, pack.StudyUid)))
        {
            Instances = [.. members.Select(static member => (member.Tenant, member.Member.Entry.Key)).Distinct()],
            Series = [.. members.Select(static member => (member.Tenant, member.Member.Entry.Key.StudyUid, member.Member.Entry.Key.SeriesUid)).Distinct()],
            Sets = [.. members.Select(member => new SetKey(member.Tenant, member.Member.Entry.Key.StudyUid, member.Member.Entry.Key.SeriesUid,
                encoder.Encode(member.Member).Id)).Distinct()],
            Packs = [.. packs.SelectMany(PackKeys).Distinct()],
            Batches = [.. packs],
        };
    }

    /// <summary>Decisions of the journal that are made true.</summary>
    public IReadOnlyList<Decision> Replayed { get; private init; } = [];

    /// <summary>Everything that the studies' attributes are taken from is loaded from the start.</summary>
    public bool IsOfWholeStudies => Decision is not null || Replayed.Count > 0;

    public static TransactionScope Of(TenantId tenant, IReadOnlyList<Decision> replayed) =>
        new(replayed.Select(decision => (tenant.Value, decision.Key.StudyUid))) { Replayed = replayed };

    public static TransactionScope Of(UpkeepChange.PackSwap swap) => new([(swap.Tenant.Value, swap.StudyUid)])
    {
        Packs = swap.Into is { } into ? [(swap.Tenant.Value, into.PackKey)] : [],
    };

    public static TransactionScope Of(DecisionRequest request) => new([(request.Tenant.Value, request.StudyUid)]) { Decision = request };

    private static IEnumerable<(int Tenant, string Key)> PackKeys(PackCommit pack) => pack.Members
        .SelectMany(static member => new[] { member.Entry.Data.PackKey, member.Entry.Metadata.PackKey })
        .Append(pack.PackKey).Distinct().Select(key => (pack.Tenant.Value, key));
}

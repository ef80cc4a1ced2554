using VnaCloud.Archive;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Ingest;

/// <summary>Makes the members of packs visible (architecture, section 4, steps 4 to 6).</summary>
internal sealed class PackCommitter(IngestTransaction transaction, TimeSpan fence)
{
    private readonly SetEncoder _sets = new();
    private readonly Dictionary<string, long> _packIds = [];

    private IIndexRows Rows => transaction.Rows;

    /// <summary>Commits one pack within the transaction.</summary>
    public PackResult Commit(PackCommit pack)
    {
        if (!pack.Adopting && pack.Pack.Time < transaction.Now - fence)
        {
            return new PackResult([], EmptySet, $"The pack {pack.Pack} was begun more than {fence.TotalHours:0.#} h ago; its instances must be sent again.");
        }
        transaction.Require(pack.Tenant);
        var known = Rows.IsKnownBatch(pack);
        _packIds.Clear(); // pack numbers belong to a study
        var outcomes = new MemberOutcome[pack.Members.Count];
        var elsewhere = new HashSet<int>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var member = pack.Members[i];
            if (member.Entry.Key.StudyUid != pack.StudyUid)
            {
                throw new InvalidOperationException($"Member {i} of pack {pack.Pack} is of another study.");
            }
            // What is adopted was looked up: of a known batch, it may be what was void then and is wanted now.
            outcomes[i] = known && !pack.Adopting ? Remember(pack, member) : Decide(pack, member);
            if (outcomes[i] == MemberOutcome.Stored && Rows.IsElsewhere(pack.Tenant, member.Entry.Key))
            {
                elsewhere.Add(i);
            }
        }
        if (!known)
        {
            WriteBatch(pack, outcomes);
        }
        return new PackResult(outcomes, elsewhere);
    }

    private static readonly HashSet<int> EmptySet = [];

    // The live row's origin stays that of its own arrival, even where a duplicate with a smaller origin comes later: journals name
    // arrivals, and a delete that named the duplicate would let the live one come back with the next reindex.
    private MemberOutcome Decide(PackCommit pack, PackMember member)
    {
        var (key, origin) = (member.Entry.Key, member.Entry.Origin);
        if (Compare(Live(pack, member), member.Entry, out var isThisArrival) is { } outcome)
        {
            if (isThisArrival)
            {
                return MemberOutcome.Stored; // adopted twice, or committed again under another batch id
            }
            if (outcome == MemberOutcome.Conflict && pack.LeavesConflicts)
            {
                return outcome;
            }
            var reason = outcome == MemberOutcome.Duplicate ? "duplicate" : "conflict";
            transaction.Decide(pack.Tenant, DecisionKind.Void, key, origin, reason);
            return outcome;
        }
        if (pack.Adopting && Compare(Rows.Deleted(pack.Tenant, key), member.Entry, out isThisArrival) is not null && isThisArrival)
        {
            return MemberOutcome.Stored; // stored once and deleted since: it does not come back
        }
        Store(pack, member);
        return MemberOutcome.Stored;
    }

    // The commit was done before and its answer was lost; what happened to the arrival since does not change the answer.
    private MemberOutcome Remember(PackCommit pack, PackMember member)
    {
        var live = Compare(Live(pack, member), member.Entry, out var isLive);
        var gone = Compare(Rows.Deleted(pack.Tenant, member.Entry.Key), member.Entry, out var isGone);
        return isLive || isGone ? MemberOutcome.Stored : live ?? gone ?? MemberOutcome.Conflict;
    }

    private IReadOnlyList<KnownArrival> Live(PackCommit pack, PackMember member) =>
        Rows.Live(pack.Tenant, member.Entry.Key) is { } live ? [live] : [];

    private static MemberOutcome? Compare(IReadOnlyList<KnownArrival> known, InstanceEntry entry, out bool isThisArrival)
    {
        isThisArrival = false;
        MemberOutcome? outcome = null;
        foreach (var arrival in known)
        {
            isThisArrival |= arrival.Origin == entry.Origin;
            outcome = outcome == MemberOutcome.Duplicate || arrival.Content == entry.ContentDigest ? MemberOutcome.Duplicate : MemberOutcome.Conflict;
        }
        return outcome;
    }

    private void Store(PackCommit pack, PackMember member)
    {
        var entry = member.Entry;
        var (setId, json) = _sets.Encode(member);
        Rows.AddInstance(pack.Tenant, entry, setId, PackId(pack, entry.Data.PackKey), PackId(pack, entry.Metadata.PackKey));
        transaction.Study(pack.Tenant, pack.StudyUid)
            .Added(new Arrival(entry.Key.SeriesUid, entry.Key.SopUid, entry.Origin, setId, entry.Data.Length), json);
        transaction.Change(pack.Tenant, ChangeKind.Create, entry.Key);
    }

    private long PackId(PackCommit pack, string key)
    {
        if (!_packIds.TryGetValue(key, out var id))
        {
            var own = key == pack.PackKey;
            _packIds.Add(key, id = transaction.PackId(pack.Tenant, pack.StudyUid, key, own ? pack.Pack : default, own ? pack.PackLength : 0));
        }
        return id;
    }

    private void WriteBatch(PackCommit pack, MemberOutcome[] outcomes) => Rows.AddBatch(pack, transaction.Now,
        outcomes.Count(static outcome => outcome == MemberOutcome.Stored),
        outcomes.Count(static outcome => outcome == MemberOutcome.Duplicate),
        outcomes.Count(static outcome => outcome == MemberOutcome.Conflict));
}

using VnaCloud.Archive;
using VnaCloud.Index.Model;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Ingest;

/// <summary>Makes the members of packs visible (architecture, section 4, steps 4 to 6).</summary>
internal sealed class PackCommitter(IndexTransaction transaction, TimeSpan fence)
{
    private const string Live = "SELECT content_digest, origin FROM instance WHERE tenant_id = ? AND study_uid = ? AND series_uid = ? AND sop_uid = ?";

    private const string Gone = """
        SELECT content_digest, origin FROM deleted_instance WHERE tenant_id = ? AND study_uid = ? AND series_uid = ? AND sop_uid = ?
            ORDER BY origin
        """;

    private const string Elsewhere =
        "SELECT 1 FROM instance WHERE tenant_id = ? AND sop_uid = ? AND (study_uid <> ? OR series_uid <> ?) LIMIT 1";

    private const string Insert = $"INSERT INTO instance ({InstanceColumns.Names}) VALUES ({InstanceColumns.Parameters})";

    private readonly SetEncoder _sets = new();
    private readonly Dictionary<string, long> _packIds = [];

    private SqliteSession Session => transaction.Session;

    /// <summary>Commits one pack within the transaction.</summary>
    public PackResult Commit(PackCommit pack)
    {
        if (!pack.Adopting && pack.Pack.Time < transaction.Now - fence)
        {
            return new PackResult([], EmptySet, $"The pack {pack.Pack} was begun more than {fence.TotalHours:0.#} h ago; its instances must be sent again.");
        }
        transaction.Require(pack.Tenant);
        var known = IsKnownBatch(pack);
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
            outcomes[i] = known ? Remember(pack, member) : Decide(pack, member);
            if (outcomes[i] == MemberOutcome.Stored && IsElsewhere(pack.Tenant, member.Entry.Key))
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
        if (Find(Live, pack.Tenant, key, member.Entry, out var isThisArrival) is { } outcome)
        {
            if (isThisArrival)
            {
                return MemberOutcome.Stored; // adopted twice, or committed again under another batch id
            }
            var reason = outcome == MemberOutcome.Duplicate ? "duplicate" : "conflict";
            transaction.Decide(pack.Tenant, DecisionKind.Void, key, origin, reason);
            return outcome;
        }
        if (pack.Adopting && Find(Gone, pack.Tenant, key, member.Entry, out isThisArrival) is not null && isThisArrival)
        {
            return MemberOutcome.Stored; // stored once and deleted since: it does not come back
        }
        Store(pack, member);
        return MemberOutcome.Stored;
    }

    // The commit was done before and its answer was lost; what happened to the arrival since does not change the answer.
    private MemberOutcome Remember(PackCommit pack, PackMember member)
    {
        var live = Find(Live, pack.Tenant, member.Entry.Key, member.Entry, out var isLive);
        var gone = Find(Gone, pack.Tenant, member.Entry.Key, member.Entry, out var isGone);
        return isLive || isGone ? MemberOutcome.Stored : live ?? gone ?? MemberOutcome.Conflict;
    }

    private MemberOutcome? Find(string sql, TenantId tenant, InstanceKey key, InstanceEntry entry, out bool isThisArrival)
    {
        isThisArrival = false;
        MemberOutcome? outcome = null;
        var row = Session.Prepare(sql).Bind(tenant.Value, key.StudyUid, key.SeriesUid, key.SopUid);
        while (row.Step())
        {
            isThisArrival |= Origin.Read(row.Bytes(1)) == entry.Origin;
            outcome = outcome == MemberOutcome.Duplicate || Digest.Read(row.Bytes(0)) == entry.ContentDigest
                ? MemberOutcome.Duplicate : MemberOutcome.Conflict;
        }
        return outcome;
    }

    private void Store(PackCommit pack, PackMember member)
    {
        var entry = member.Entry;
        var (setId, json) = _sets.Encode(member);
        Session.Prepare(Insert).Bind(InstanceColumns.Values(pack.Tenant, entry, setId, PackId(pack, entry.Data.PackKey),
            PackId(pack, entry.Metadata.PackKey))).Run();
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

    private bool IsElsewhere(TenantId tenant, InstanceKey key) =>
        Session.Prepare(Elsewhere).Bind(tenant.Value, key.SopUid, key.StudyUid, key.SeriesUid).Any();

    private bool IsKnownBatch(PackCommit pack) =>
        Session.Prepare("SELECT 1 FROM ingest_batch WHERE tenant_id = ? AND study_uid = ? AND batch = ? AND pack = ?")
            .Bind(pack.Tenant.Value, pack.StudyUid, IndexTransaction.Bytes(pack.Source.Batch), IndexTransaction.Bytes(pack.Pack)).Any();

    private void WriteBatch(PackCommit pack, MemberOutcome[] outcomes)
    {
        var source = pack.Source;
        Session.Prepare("INSERT INTO ingest_batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").Bind(
            pack.Tenant.Value, pack.StudyUid, IndexTransaction.Bytes(source.Batch), IndexTransaction.Bytes(pack.Pack),
            Text.Clean(source.Actor), Text.Clean(source.Address), Text.Clean(source.RequestId),
            source.ReceivedAt.ToUnixTimeMilliseconds(), transaction.Now.ToUnixTimeMilliseconds(),
            outcomes.Count(static outcome => outcome == MemberOutcome.Stored),
            outcomes.Count(static outcome => outcome == MemberOutcome.Duplicate),
            outcomes.Count(static outcome => outcome == MemberOutcome.Conflict)).Run();
    }
}

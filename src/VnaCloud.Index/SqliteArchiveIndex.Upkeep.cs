using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;
using VnaCloud.Index.Sqlite;
using VnaCloud.Index.Upkeep;

namespace VnaCloud.Index;

public sealed partial class SqliteArchiveIndex
{
    /// <inheritdoc/>
    public Task<Lease?> LeaseAsync(string job, string holder, TimeSpan duration, CancellationToken cancellation) => WriteAsync(
        transaction => Marks.Lease(transaction.Session, job, holder, duration, transaction.Now), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IndexedPack>> PacksAsync(PackSelection selection, CancellationToken cancellation) =>
        await _readers.ReadAsync(session => PackRows.Select(session, selection, _options.Time.GetUtcNow()), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IndexedArrival>> ArrivalsAsync(TenantId tenant, string studyUid, IReadOnlyList<InstanceKey> instances, CancellationToken cancellation) =>
        await _readers.ReadAsync(session => ArrivalRows.Select(session, tenant, studyUid, instances), cancellation);

    /// <inheritdoc/>
    public async Task<bool> ApplyAsync(UpkeepChange change, CancellationToken cancellation)
    {
        try
        {
            await WriteAsync(transaction =>
            {
                Apply(transaction, change);
                return 0;
            }, cancellation);
        }
        catch (StaleChangeException)
        {
            return false;
        }
        if (change is UpkeepChange.PackSwap swap)
        {
            _locators.Forget(swap.Tenant, swap.StudyUid);
        }
        return true;
    }

    /// <inheritdoc/>
    public Task<ChangePage> ChangesAsync(TenantId tenant, ChangePosition? after, int limit, CancellationToken cancellation) =>
        _readers.ReadAsync(session => Changes(session, tenant, after, limit), cancellation);

    /// <inheritdoc/>
    public Task<UpkeepState> UpkeepAsync(int limit, CancellationToken cancellation) => _readers.ReadAsync(session =>
    {
        var row = session.Prepare("""
            SELECT epoch, clean_epoch = epoch, last_decision, (SELECT max(seq) FROM change WHERE tenant_id = ?1 AND epoch = archive.epoch),
                (SELECT count(*) FROM retired_pack), (SELECT min(not_before) FROM retired_pack), (SELECT min(scrubbed_at) FROM pack) FROM archive
            """).Bind(TenantId.Default.Value);
        row.Step();
        var state = new UpkeepState
        {
            Epoch = row.Int64(0),
            IsClean = row.Int64(1) != 0,
            LastDecision = Ulid.Read(row.Bytes(2)),
            Sequence = row.IsNull(3) ? 0 : row.Int64(3),
            Retired = (row.Int64(4), Time(row, 5)),
            OldestScrub = Time(row, 6),
            Now = _options.Time.GetUtcNow(),
            Mirror = [],
            Quarantined = [],
        };
        row.Reset();
        return state with { Mirror = MirrorQueue.List(session, limit), Quarantined = Marks.Quarantined(session, limit) };
    }, cancellation);

    private void Apply(IndexTransaction transaction, UpkeepChange change)
    {
        var session = transaction.Session;
        switch (change)
        {
            case UpkeepChange.PackSwap swap:
                Swap.Run(transaction, swap, _options.Fence);
                break;
            case UpkeepChange.Collected collected:
                foreach (var key in collected.Keys)
                {
                    session.Prepare("DELETE FROM retired_pack WHERE tenant_id = ? AND object_key = ?").Bind(collected.Tenant.Value, key).Run();
                }
                break;
            case UpkeepChange.Examined examined:
                StudyQueue.Examined(session, examined);
                break;
            case UpkeepChange.Scrubbed scrubbed:
                Marks.Scrubbed(transaction, scrubbed);
                break;
            case UpkeepChange.Mirrored mirrored:
                foreach (var key in mirrored.Queued)
                {
                    MirrorQueue.Add(session, key, transaction.Now);
                }
                foreach (var key in mirrored.Copied)
                {
                    MirrorQueue.Remove(session, key);
                }
                break;
            case UpkeepChange.Replayed replayed:
                Replay.Run(transaction, replayed);
                break;
            case UpkeepChange.EpochBegun begun:
                session.Prepare("UPDATE archive SET epoch = max(epoch + 1, ?)").Bind(transaction.Now.ToUnixTimeSeconds()).Run();
                transaction.RaiseDecisions(begun.LastDecision);
                break;
            case UpkeepChange.EpochClean clean:
                if (clean.Epoch is { } epoch && session.Prepare("SELECT epoch FROM archive").Bind().Scalar() != epoch)
                {
                    throw new StaleChangeException();
                }
                session.Run("UPDATE archive SET clean_epoch = epoch");
                break;
            default:
                throw new ArgumentException($"{change} is not a change.", nameof(change));
        }
    }

    private static ChangePage Changes(SqliteSession session, TenantId tenant, ChangePosition? after, int limit)
    {
        var epoch = session.Prepare("SELECT epoch FROM archive").Bind().Scalar()!.Value;
        var from = after ?? new ChangePosition(epoch, 0);
        var last = session.Prepare("SELECT max(seq) FROM change WHERE tenant_id = ? AND epoch = ?").Bind(tenant.Value, epoch).Scalar() ?? 0;
        if (from.Epoch != epoch || from.Sequence < 0 || from.Sequence > last)
        {
            return new ChangePage(epoch, IsOtherEpoch: true, []);
        }
        var changes = new List<Change>();
        var row = session.Prepare("""
            SELECT seq, kind, study_uid, series_uid, sop_uid, at, version FROM change WHERE tenant_id = ? AND epoch = ? AND seq > ? ORDER BY seq LIMIT ?
            """).Bind(tenant.Value, epoch, from.Sequence, limit);
        while (row.Step())
        {
            changes.Add(new Change(row.Int64(0), Action((ChangeKind)row.Int32(1)), new InstanceKey(row.Text(2), row.Text(3), row.Text(4)),
                DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(5)), row.Int64(6)));
        }
        return new ChangePage(epoch, IsOtherEpoch: false, changes);
    }

    private static ChangeAction Action(ChangeKind kind) => kind switch
    {
        ChangeKind.Update => ChangeAction.Update,
        ChangeKind.Delete => ChangeAction.Delete,
        _ => ChangeAction.Create,
    };

    private static DateTimeOffset? Time(Statement row, int column) => row.IsNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(column));
}

using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Sqlite;

namespace VnaCloud.Index.Upkeep;

/// <summary>The change cannot be made any more: what it was computed from is not so. Ends the transaction.</summary>
internal sealed class StaleChangeException : Exception;

/// <summary>Moves arrivals from old packs to a new one within a transaction (<see cref="UpkeepChange.PackSwap"/>).</summary>
internal sealed class Swap
{
    private const string Row = "tenant_id = ? AND study_uid = ? AND series_uid = ? AND sop_uid = ? AND origin = ?";

    private const string Move = "data_pack = ?, data_offset = ?, metadata_pack = ?, metadata_offset = ?, segments = ?, table_offset = ?";

    private readonly IndexTransaction _transaction;
    private readonly UpkeepChange.PackSwap _swap;
    private readonly SqliteSession _session;
    private readonly Dictionary<string, long> _old = new(StringComparer.Ordinal);
    private readonly HashSet<long> _from = [];

    private Swap(IndexTransaction transaction, UpkeepChange.PackSwap swap) => (_transaction, _swap, _session) = (transaction, swap, transaction.Session);

    /// <exception cref="StaleChangeException">Refused.</exception>
    public static void Run(IndexTransaction transaction, UpkeepChange.PackSwap swap, TimeSpan fence)
    {
        transaction.Require(swap.Tenant);
        if (swap.Into is { Adopting: false } young && young.Pack.Time < transaction.Now - fence)
        {
            throw new StaleChangeException();
        }
        new Swap(transaction, swap).Run();
    }

    private void Run()
    {
        FindOld();
        if (_swap.Into is { } into)
        {
            var pack = _transaction.PackId(_swap.Tenant, _swap.StudyUid, into.PackKey, into.Pack, into.PackLength);
            _session.Prepare("DELETE FROM retired_pack WHERE tenant_id = ? AND object_key = ?").Bind(_swap.Tenant.Value, into.PackKey).Run();
            foreach (var member in into.Members)
            {
                MoveOne(member.Entry, pack);
            }
        }
        foreach (var (entry, _) in _swap.Forgotten)
        {
            if (_session.Prepare($"DELETE FROM deleted_instance WHERE {Row}").Bind(Key(entry)).Run() != 1)
            {
                throw new StaleChangeException();
            }
        }
        Retire();
    }

    private void FindOld()
    {
        foreach (var (id, key) in ArrivalRows.PackKeys(_session, _swap.Tenant, _swap.StudyUid))
        {
            _old.Add(key, id);
        }
        foreach (var key in _swap.From)
        {
            _from.Add(_old.TryGetValue(key, out var id) ? id : throw new StaleChangeException());
        }
    }

    private void MoveOne(InstanceEntry entry, long pack)
    {
        Value[] key = Key(entry);
        Value[] values = [pack, entry.Data.Offset, pack, entry.Metadata.Offset, Model.Segments.ToBytes(entry.Metadata.Segments), entry.Frames.TableOffset, .. key];
        if (IsInOld(_session.Prepare($"SELECT data_pack FROM instance WHERE {Row}").Bind(key).Scalar()))
        {
            _session.Prepare($"UPDATE instance SET {Move} WHERE {Row}").Bind(values).Run();
        }
        else if (IsInOld(_session.Prepare($"SELECT data_pack FROM deleted_instance WHERE {Row}").Bind(key).Scalar()))
        {
            _session.Prepare($"UPDATE deleted_instance SET {Move} WHERE {Row}").Bind(values).Run();
        }
        else
        {
            throw new StaleChangeException();
        }
    }

    private bool IsInOld(long? pack) => pack is { } id && _from.Contains(id);

    private void Retire()
    {
        var retired = _swap.Retired.Select(key => _old.TryGetValue(key, out var id) ? id : throw new StaleChangeException()).ToHashSet();
        if (Referenced().Overlaps(retired))
        {
            throw new StaleChangeException();
        }
        var notBefore = (_transaction.Now + _swap.Keep).ToUnixTimeMilliseconds();
        foreach (var (key, id) in _swap.Retired.Select(key => (key, _old[key])))
        {
            _session.Prepare("INSERT INTO retired_pack SELECT tenant_id, object_key, study_uid, length, ? FROM pack WHERE tenant_id = ? AND study_uid = ? AND pack_id = ?")
                .Bind(notBefore, _swap.Tenant.Value, _swap.StudyUid, id).Run();
            _session.Prepare("DELETE FROM pack WHERE tenant_id = ? AND study_uid = ? AND pack_id = ?").Bind(_swap.Tenant.Value, _swap.StudyUid, id).Run();
            _session.Prepare("DELETE FROM quarantine WHERE tenant_id = ? AND object_key = ?").Bind(_swap.Tenant.Value, key).Run();
        }
        _session.Prepare("UPDATE tenant SET packs = packs - ? WHERE tenant_id = ?").Bind(retired.Count, _swap.Tenant.Value).Run();
    }

    // One pass over the study's rows, however many packs are retired.
    private HashSet<long> Referenced()
    {
        var referenced = new HashSet<long>();
        var row = _session.Prepare("""
            SELECT DISTINCT data_pack, metadata_pack FROM instance WHERE tenant_id = ?1 AND study_uid = ?2
            UNION SELECT data_pack, metadata_pack FROM deleted_instance WHERE tenant_id = ?1 AND study_uid = ?2
            """).Bind(_swap.Tenant.Value, _swap.StudyUid);
        while (row.Step())
        {
            referenced.Add(row.Int64(0));
            referenced.Add(row.Int64(1));
        }
        return referenced;
    }

    private Value[] Key(InstanceEntry entry) =>
        [_swap.Tenant.Value, _swap.StudyUid, entry.Key.SeriesUid, entry.Key.SopUid, entry.Origin.ToBytes()];
}

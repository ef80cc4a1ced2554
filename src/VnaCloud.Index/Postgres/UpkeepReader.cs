using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// What upkeep reads, always from the primary. A lock keeps a rebuild from beginning meanwhile: an index that is emptied must not be taken
/// for one that refers to nothing.
/// </summary>
internal sealed class UpkeepReader(PostgresDatabase database, PostgresIndexOptions options)
{
    private const string Enter = $"SELECT pg_try_advisory_xact_lock_shared($1), {KeyByKey}";

    private const string Clock = "SELECT rebuilding, clock_timestamp() FROM archive";

    private const string Numbered = """
        SELECT epoch, (SELECT max(seq) FROM change c WHERE c.tenant_id = $1 AND c.epoch = archive.epoch AND c.seq IS NOT NULL),
            EXISTS (SELECT 1 FROM change c WHERE c.tenant_id = $1 AND c.seq IS NULL) FROM archive
        """;

    private const string Changes = """
        SELECT seq, kind, study_uid, series_uid, sop_uid, at, version FROM change
        WHERE tenant_id = $1 AND epoch = (SELECT epoch FROM archive) AND seq IS NOT NULL AND seq > $2 ORDER BY seq LIMIT $3
        """;

    private const string Standing = $"""
        SELECT epoch, clean_epoch = epoch AND NOT {Takeover.IsNew}, (SELECT decision FROM last_decision ORDER BY decision DESC LIMIT 1),
            (SELECT max(seq) FROM change c WHERE c.tenant_id = $1 AND c.epoch = archive.epoch AND c.seq IS NOT NULL),
            (SELECT count(*) FROM retired_pack), (SELECT min(not_before) FROM retired_pack), (SELECT min(scrubbed_at) FROM pack),
            clean_epoch <> epoch AND begun_epoch = epoch, known_decision, own_version FROM archive, takeover
        """;

    private static readonly string Live = $"SELECT NULL::bigint AS deleted_at, {InstanceRowReader.Columns} FROM";

    private static readonly string Deleted = $"SELECT i.deleted_at, {InstanceRowReader.Columns} FROM";

    private const string OfStudy = "i WHERE i.tenant_id = $1 AND i.study_uid = $2";

    private const string OfInstances = $"{OfStudy} AND i.series_uid = k.r AND i.sop_uid = k.i";

    private static readonly string ArrivalsOfStudy = $"{Live} instance {OfStudy} UNION ALL {Deleted} deleted_instance {OfStudy}";

    private static readonly string ArrivalsOfInstances =
        $"{Live} unnest($3, $4) AS k (r, i), instance {OfInstances} UNION ALL {Deleted} unnest($3, $4) AS k (r, i), deleted_instance {OfInstances}";

    public async Task<IReadOnlyList<IndexedPack>> PacksAsync(PackSelection selection, CancellationToken cancellation)
    {
        var packs = new List<IndexedPack>();
        await ReadAsync(batch => UpkeepPacks.Add(batch, selection, options),
            (reader, _) => RowLoader.EachAsync(reader, row => packs.Add(UpkeepPacks.Read(row)), cancellation), cancellation);
        return packs;
    }

    public async Task<IReadOnlyList<IndexedArrival>> ArrivalsAsync(TenantId tenant, string studyUid, IReadOnlyList<InstanceKey> instances, CancellationToken cancellation)
    {
        var (rows, arrivals) = (new InstanceRowReader(first: 1), new List<IndexedArrival>());
        await ReadAsync(
            batch =>
            {
                if (instances.Count == 0)
                {
                    batch.Add(ArrivalsOfStudy, Value(tenant.Value), Value(Text.Whole(studyUid)));
                }
                else
                {
                    batch.Add(ArrivalsOfInstances, Value(tenant.Value), Value(Text.Whole(studyUid)),
                        Column(instances, static key => Text.Whole(key.SeriesUid)), Column(instances, static key => Text.Whole(key.SopUid)));
                }
            },
            (reader, _) => RowLoader.EachAsync(reader, row => arrivals.Add(new IndexedArrival(rows.Read(row, studyUid).Entry, Time(row, 0))), cancellation),
            cancellation);
        return arrivals;
    }

    /// <summary>A page of the numbered changes, and whether there are changes without a number.</summary>
    public async Task<(ChangePage Page, bool IsPending)> ChangesAsync(TenantId tenant, ChangePosition? after, int limit, CancellationToken cancellation)
    {
        var (epoch, last, isPending, changes) = (0L, 0L, false, new List<Change>());
        await ReadAsync(
            batch =>
            {
                batch.Add(Numbered, Value(tenant.Value));
                batch.Add(Changes, Value(tenant.Value), Value(after?.Sequence ?? 0), Value(limit));
            },
            async (reader, _) =>
            {
                await RowLoader.EachAsync(reader, row =>
                    (epoch, last, isPending) = (row.GetInt64(0), row.IsDBNull(1) ? 0 : row.GetInt64(1), row.GetBoolean(2)), cancellation);
                await RowLoader.EachAsync(reader, row => changes.Add(OneChange(row)), cancellation);
            }, cancellation);
        var from = after ?? new ChangePosition(epoch, 0);
        var isOther = from.Epoch != epoch || from.Sequence < 0 || from.Sequence > last;
        return (new ChangePage(epoch, isOther, isOther ? [] : changes), isPending);
    }

    public async Task<UpkeepState> StateAsync(int limit, CancellationToken cancellation)
    {
        UpkeepState? state = null;
        var (mirror, quarantined) = (new List<MirrorItem>(), new List<QuarantinedPart>());
        await ReadAsync(
            batch =>
            {
                batch.Add(Standing, Value(TenantId.Default.Value));
                batch.Add("SELECT object_key, at FROM mirror ORDER BY id LIMIT $1", Value(limit));
                batch.Add("SELECT study_uid, series_uid, sop_uid, origin, part, reason FROM quarantine ORDER BY at, object_key LIMIT $1", Value(limit));
            },
            async (reader, now) =>
            {
                await RowLoader.EachAsync(reader, row => state = State(row, now), cancellation);
                await RowLoader.EachAsync(reader, row => mirror.Add(new MirrorItem(row.GetString(0), Time(row, 1)!.Value)), cancellation);
                await RowLoader.EachAsync(reader, row => quarantined.Add(new QuarantinedPart(new InstanceKey(row.GetString(0), row.GetString(1), row.GetString(2)),
                    Origin.Read(RowLoader.Bytes(row, 3)), (StoredPart)row.GetInt32(4), row.GetString(5))), cancellation);
            }, cancellation);
        return state! with { Mirror = mirror, Quarantined = quarantined };
    }

    private async Task ReadAsync(Action<NpgsqlBatch> add, Func<NpgsqlDataReader, DateTimeOffset, Task> read, CancellationToken cancellation)
    {
        await using var connection = await database.Primary.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Enter, Value(PostgresLocks.Writing));
        batch.Add(Clock);
        add(batch);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var (mayRead, now) = (true, default(DateTimeOffset));
        await RowLoader.EachAsync(reader, row => mayRead = row.GetBoolean(0), cancellation);
        await RowLoader.EachAsync(reader, row => (mayRead, now) = (mayRead && !row.GetBoolean(0), row.GetFieldValue<DateTimeOffset>(1)), cancellation);
        if (!mayRead && !options.Rebuilding)
        {
            throw PostgresLocks.Rebuilding();
        }
        await read(reader, options.Clock?.GetUtcNow() ?? now);
    }

    private static UpkeepState State(NpgsqlDataReader row, DateTimeOffset now) => new()
    {
        Epoch = row.GetInt64(0),
        IsClean = row.GetBoolean(1),
        LastDecision = row.IsDBNull(2) ? default : Ulid.Read(RowLoader.Bytes(row, 2)),
        Sequence = row.IsDBNull(3) ? 0 : row.GetInt64(3),
        Retired = (row.GetInt64(4), Time(row, 5)),
        OldestScrub = Time(row, 6),
        Now = now,
        Missed = row.GetBoolean(7) ? Takeover.Read(RowLoader.Bytes(row, 8), row.GetInt64(9)) : null,
        Mirror = [],
        Quarantined = [],
    };

    private static Change OneChange(NpgsqlDataReader row) => new(row.GetInt64(0), (ChangeKind)row.GetInt32(1) switch
    {
        ChangeKind.Update => ChangeAction.Update,
        ChangeKind.Delete => ChangeAction.Delete,
        _ => ChangeAction.Create,
    }, new InstanceKey(row.GetString(2), row.GetString(3), row.GetString(4)), Time(row, 5)!.Value, row.GetInt64(6));

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}

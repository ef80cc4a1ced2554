using Npgsql;
using VnaCloud.Archive;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>
/// The first round trip of a transaction: begins it, locks its studies in key order, and loads all that the rules of ingest can ask for.
/// Each statement has its own snapshot, so those behind the locks see what the earlier holders committed.
/// </summary>
internal static class RowLoader
{
    private const string Enter = $"""
        SELECT now(), epoch, rebuilding, pg_try_advisory_xact_lock_shared($1), set_config('lock_timeout', $2, true),
            set_config('statement_timeout', $3, true), set_config('idle_in_transaction_session_timeout', '15s', true), {KeyByKey},
            {Takeover.IsNewTimeline} AS taken_over FROM archive, takeover
        """;

    private const string AddMissing = """
        INSERT INTO study (tenant_id, study_uid) SELECT t, s FROM unnest($1, $2) WITH ORDINALITY AS k (t, s, n) ORDER BY n ON CONFLICT DO NOTHING
        """;

    private static readonly string Lock = $"""
        SELECT s.tenant_id, s.study_uid, {string.Join(", ", Ingest.AttributeColumns.Study.Select(static column => $"s.{column.Column}"))},
            s.modalities, s.series_count, s.instance_count, s.bytes, s.version, s.first_origin, s.first_series_uid, s.first_sop_uid
        FROM unnest($1, $2) WITH ORDINALITY AS k (t, s, n) JOIN study s ON s.tenant_id = k.t AND s.study_uid = k.s
        ORDER BY k.n FOR NO KEY UPDATE OF s
        """;

    private const string Version = "SELECT nextval('content_version')";

    private const string Tenants = "SELECT tenant_id FROM tenant WHERE tenant_id = ANY ($1)";

    private const string KnownBatches = """
        SELECT b.batch, b.pack FROM unnest($1, $2, $3, $4) AS k (t, s, b, p)
            JOIN ingest_batch b ON b.tenant_id = k.t AND b.study_uid = k.s AND b.batch = k.b AND b.pack = k.p
        """;

    // Live instances of these names, in whatever series, and deleted ones. OFFSET 0 keeps the planner from joining otherwise than key by key.
    private const string Instances = """
        WITH k AS MATERIALIZED (SELECT * FROM unnest($1, $2, $3, $4) AS k (t, study, series, sop))
        SELECT false, k.*, i.content_digest, i.origin, i.study_uid = k.study AND i.series_uid = k.series FROM k
            CROSS JOIN LATERAL (SELECT content_digest, origin, study_uid, series_uid FROM instance i WHERE i.tenant_id = k.t AND i.sop_uid = k.sop OFFSET 0) i
        UNION ALL SELECT true, k.*, d.content_digest, d.origin, true FROM k CROSS JOIN LATERAL (SELECT content_digest, origin FROM deleted_instance d
            WHERE d.tenant_id = k.t AND d.study_uid = k.study AND d.series_uid = k.series AND d.sop_uid = k.sop ORDER BY origin OFFSET 0) d
        """;

    private const string Series = """
        SELECT r.tenant_id, r.study_uid, r.series_uid, r.instance_count, r.first_origin, r.first_sop_uid, r.modality
        FROM unnest($1, $2, $3) AS k (t, s, r) JOIN series r ON r.tenant_id = k.t AND r.study_uid = k.s AND r.series_uid = k.r
        """;

    private const string SeriesOfStudies = """
        SELECT r.tenant_id, r.study_uid, r.series_uid, r.instance_count, r.first_origin, r.first_sop_uid, r.modality
        FROM unnest($1, $2) AS k (t, s) JOIN series r ON r.tenant_id = k.t AND r.study_uid = k.s
        """;

    private const string Sets = """
        SELECT a.tenant_id, a.study_uid, a.series_uid, a.set_id, a.live_count, a.min_origin, a.json FROM unnest($1, $2, $3, $4) AS k (t, s, r, id)
            JOIN attribute_set a ON a.tenant_id = k.t AND a.study_uid = k.s AND a.series_uid = k.r AND a.set_id = k.id
        """;

    private const string SetsOfStudies = """
        SELECT a.tenant_id, a.study_uid, a.series_uid, a.set_id, a.live_count, a.min_origin, a.json FROM unnest($1, $2) AS k (t, s)
            JOIN attribute_set a ON a.tenant_id = k.t AND a.study_uid = k.s
        """;

    private const string Packs = """
        SELECT p.tenant_id, p.object_key, p.pack_id FROM unnest($1, $2) AS k (t, key) JOIN pack p ON p.tenant_id = k.t AND p.object_key = k.key
        """;

    private const string LastPacks = """
        SELECT k.t, k.s, (SELECT max(pack_id) FROM pack p WHERE p.tenant_id = k.t AND p.study_uid = k.s) FROM unnest($1, $2) AS k (t, s)
        """;

    /// <summary>Begins the transaction of a connection. Fails while the index is rebuilt, unless by the one who does.</summary>
    public static async Task<LoadedRows> BeginAsync(NpgsqlConnection connection, TransactionScope scope, PostgresIndexOptions options, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("BEGIN ISOLATION LEVEL READ COMMITTED");
        batch.Add(Enter, Value(PostgresLocks.Writing), Value(Milliseconds(options.LockTimeout)), Value(Milliseconds(options.CommitTimeout)));
        AddStudies(batch, AddMissing, scope.Studies);
        AddStudies(batch, Lock, scope.Studies);
        batch.Add(Version);
        batch.Add(Tenants, Value(scope.Studies.Select(static study => study.Tenant).Distinct().ToArray()));
        if (!scope.IsOfWholeStudies)
        {
            AddCommit(batch, scope);
        }
        else
        {
            AddStudies(batch, SeriesOfStudies, scope.Studies);
            AddStudies(batch, SetsOfStudies, scope.Studies);
            DecisionLoader.Add(batch, scope);
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var rows = await EnterAsync(reader, options, cancellation);
        await StudiesAsync(reader, rows, scope.Studies.Count, cancellation);
        await EachAsync(reader, row => rows.ContentVersion = row.GetInt64(0), cancellation);
        await EachAsync(reader, row => rows.Tenants.Add(row.GetInt32(0)), cancellation);
        if (!scope.IsOfWholeStudies)
        {
            await EachAsync(reader, row => rows.Batches.Add((Ulid.Read(Bytes(row, 0)), Ulid.Read(Bytes(row, 1)))), cancellation);
            await EachAsync(reader, row => Instance(rows, row), cancellation);
        }
        await EachAsync(reader, row => OneSeries(rows, row), cancellation);
        await EachAsync(reader, row => OneSet(rows, row), cancellation);
        if (!scope.IsOfWholeStudies)
        {
            await EachAsync(reader, row => rows.Packs.Add((row.GetInt32(0), row.GetString(1)), row.GetInt64(2)), cancellation);
            await EachAsync(reader, row => rows.Of(row.GetInt32(0), row.GetString(1)).LastPackId = row.IsDBNull(2) ? 0 : row.GetInt64(2), cancellation);
        }
        else
        {
            await DecisionLoader.ReadAsync(reader, rows, scope, cancellation);
        }
        return rows;
    }

    /// <summary>Begins a transaction that loads nothing.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="options">Limits.</param>
    /// <param name="alone">Whether it waits for all others that write, and they for it.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public static async Task<DateTimeOffset> EnterAsync(NpgsqlConnection connection, PostgresIndexOptions options, bool alone, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("BEGIN ISOLATION LEVEL READ COMMITTED");
        batch.Add("SELECT pg_advisory_xact_lock($1) WHERE $2", Value(PostgresLocks.Writing), Value(alone));
        batch.Add(Enter, Value(PostgresLocks.Writing), Value(Milliseconds(options.LockTimeout)), Value(Milliseconds(options.CommitTimeout)));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await EachAsync(reader, static _ => { }, cancellation);
        return (await EnterAsync(reader, options, cancellation)).Now;
    }

    /// <summary>The second round trip, where attributes may have changed: everything that these studies take them from.</summary>
    public static async Task LoadSetsAsync(NpgsqlConnection connection, LoadedRows rows, IReadOnlyCollection<(int Tenant, string Study)> studies)
    {
        await using var batch = new NpgsqlBatch(connection);
        AddStudies(batch, SeriesOfStudies, studies);
        AddStudies(batch, SetsOfStudies, studies);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        await EachAsync(reader, row => OneSeries(rows, row), CancellationToken.None);
        await EachAsync(reader, row => OneSet(rows, row), CancellationToken.None);
    }

    /// <summary>Reads the rows of one statement, and goes on to the next.</summary>
    public static async Task EachAsync(NpgsqlDataReader reader, Action<NpgsqlDataReader> read, CancellationToken cancellation)
    {
        while (await reader.ReadAsync(cancellation))
        {
            read(reader);
        }
        await reader.NextResultAsync(cancellation);
    }

    public static byte[] Bytes(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    private static void AddCommit(NpgsqlBatch batch, TransactionScope scope)
    {
        batch.Add(KnownBatches,
            Column(scope.Batches, static pack => pack.Tenant.Value), Column(scope.Batches, static pack => pack.StudyUid),
            Column(scope.Batches, static pack => Ingest.IngestTransaction.Bytes(pack.Source.Batch)),
            Column(scope.Batches, static pack => Ingest.IngestTransaction.Bytes(pack.Pack)));
        batch.Add(Instances, Column(scope.Instances, static item => item.Tenant), Column(scope.Instances, static item => item.Key.StudyUid),
            Column(scope.Instances, static item => item.Key.SeriesUid), Column(scope.Instances, static item => item.Key.SopUid));
        batch.Add(Series, Column(scope.Series, static item => item.Tenant), Column(scope.Series, static item => item.Study),
            Column(scope.Series, static item => item.Series));
        batch.Add(Sets, Column(scope.Sets, static key => key.Tenant), Column(scope.Sets, static key => key.Study),
            Column(scope.Sets, static key => key.Series), Column(scope.Sets, static key => key.Set));
        batch.Add(Packs, Column(scope.Packs, static pack => pack.Tenant), Column(scope.Packs, static pack => pack.Key));
        AddStudies(batch, LastPacks, scope.Studies);
    }

    private static void AddStudies(NpgsqlBatch batch, string sql, IReadOnlyCollection<(int Tenant, string Study)> studies) =>
        batch.Add(sql, Column(studies, static study => study.Tenant), Column(studies, static study => study.Study));

    private static async Task<LoadedRows> EnterAsync(NpgsqlDataReader reader, PostgresIndexOptions options, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        var (now, epoch, rebuilding, mayWrite) = (reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt64(1), reader.GetBoolean(2), reader.GetBoolean(3));
        var isTakenOver = reader.GetBoolean(reader.GetOrdinal("taken_over"));
        await reader.NextResultAsync(cancellation);
        if (!mayWrite || (rebuilding && !options.Rebuilding))
        {
            throw PostgresLocks.Rebuilding();
        }
        if (isTakenOver)
        {
            throw new TakenOverException();
        }
        return new LoadedRows(options.Clock?.GetUtcNow() ?? now, epoch);
    }

    private static async Task StudiesAsync(NpgsqlDataReader reader, LoadedRows rows, int expected, CancellationToken cancellation)
    {
        var found = 0;
        await EachAsync(reader, row =>
        {
            found++;
            var study = Study(row);
            rows.Of(study.Tenant.Value, study.StudyUid).Record = study.Instances > 0 ? study : null;
        }, cancellation);
        if (found < expected)
        {
            throw new StudyVanishedException();
        }
    }

    private static Ingest.StudyRecord Study(NpgsqlDataReader row)
    {
        const int first = 2;
        var count = first + Ingest.AttributeColumns.Study.Count;
        var values = new Dictionary<string, string>();
        for (var i = first; i < count; i++)
        {
            values.Add(Ingest.AttributeColumns.Study[i - first].Tag, row.GetString(i));
        }
        var origin = Bytes(row, count + 5);
        return new Ingest.StudyRecord
        {
            Tenant = new TenantId(row.GetInt32(0)), StudyUid = row.GetString(1), Attributes = Ingest.AttributeColumns.StudyOf(values),
            Modalities = row.GetString(count), SeriesCount = row.GetInt32(count + 1), Instances = row.GetInt32(count + 2),
            Bytes = row.GetInt64(count + 3), Version = row.GetInt64(count + 4),
            First = new Ingest.FirstInstance(origin.Length == 0 ? default : Origin.Read(origin), row.GetString(count + 6), row.GetString(count + 7)),
        };
    }

    private static void Instance(LoadedRows rows, NpgsqlDataReader row)
    {
        var (study, key) = (rows.Of(row.GetInt32(1), row.GetString(2)), (row.GetString(3), row.GetString(4)));
        var (isDeleted, isHere) = (row.GetBoolean(0), row.GetBoolean(7));
        if (isDeleted)
        {
            study.Deleted.TryAdd(key, []);
            study.Deleted[key].Add(Known(row));
        }
        else if (isHere)
        {
            study.Live.Add(key, Known(row));
        }
        else
        {
            study.Elsewhere.Add(key);
        }
    }

    private static Ingest.KnownArrival Known(NpgsqlDataReader row) => new(Digest.Read(Bytes(row, 5)), Origin.Read(Bytes(row, 6)));

    // What the transaction itself has changed since stays.
    private static void OneSeries(LoadedRows rows, NpgsqlDataReader row) => rows.Of(row.GetInt32(0), row.GetString(1)).Series.TryAdd(
        row.GetString(2), new LoadedSeries(new Ingest.SeriesCount(row.GetInt32(3), Origin.Read(Bytes(row, 4)), row.GetString(5)), row.GetString(6)));

    private static void OneSet(LoadedRows rows, NpgsqlDataReader row) => rows.Of(row.GetInt32(0), row.GetString(1)).Sets.TryAdd(
        (row.GetString(2), row.GetInt64(3)), new LoadedSet(new Ingest.SetCount(row.GetInt64(4), Origin.Read(Bytes(row, 5))), Bytes(row, 6)));

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
}

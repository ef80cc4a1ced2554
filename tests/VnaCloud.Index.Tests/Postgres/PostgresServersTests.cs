using System.Diagnostics;
using Npgsql;
using VnaCloud.Archive;
using VnaCloud.TestKit;

namespace VnaCloud.Index.Tests.Postgres;

/// <summary>Several servers on one database.</summary>
public sealed class PostgresServersTests
{
    public PostgresServersTests() => PostgresHarness.SkipInFast();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_OneInstanceHundredTimesFromTwoServers_OneIsStored(bool different)
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var second = await harness.ConnectAsync();
        var packs = Enumerable.Range(0, 100).Select(i =>
            Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(1), content: different ? $"{i}" : ""))).ToList();

        var results = await Task.WhenAll(packs.Select((pack, i) =>
            Task.Run(async () => (await (i % 2 == 0 ? harness.Index : second).CommitAsync([pack], default))[0])));

        Assert.Equal(1, results.Count(static result => result.Outcomes[0] == MemberOutcome.Stored));
        Assert.Equal(99, results.Count(result => result.Outcomes[0] == (different ? MemberOutcome.Conflict : MemberOutcome.Duplicate)));
        Assert.Equal(["1"], await harness.RowsAsync("SELECT count(*) FROM change WHERE kind = 0"));
        Assert.Equal(99, (await harness.OutboxAsync()).Count);
        var winner = packs[Array.FindIndex(results, static result => result.Outcomes[0] == MemberOutcome.Stored)];
        Assert.Equal(winner.Members[0].Entry.FileDigest, (await harness.LocateAsync("1.2.3.1"))!.Instances[0].FileDigest);
    }

    [Fact]
    public async Task CommitsAndDeletes_OfTheSameStudiesFromTwoServers_LeaveWhatTheRowsSay()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var second = await harness.ConnectAsync();
        var work = Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            IArchiveIndex index = i % 2 == 0 ? harness.Index : second;
            var random = new Random(i);
            if (i % 5 == 4)
            {
                await index.DecideAsync(new DecisionRequest(Sample.Tenant, i % 10 == 4 ? DecisionKind.Delete : DecisionKind.Restore, $"1.2.3.{random.Next(1, 6)}", null, null), default);
                return;
            }
            var packs = Enumerable.Range(0, 3).Select(_ => Sample.Pack(harness.Time, [.. Enumerable.Range(0, 3).Select(n =>
                Sample.Member(Sample.Key(1 + (i + n) % 5, random.Next(1, 3), random.Next(1, 30)), new StudyAttributes { PatientId = $"P{random.Next(2)}", PatientName = $"N{i % 3}" }))
                .GroupBy(static member => member.Entry.Key.StudyUid).First()]));
            Assert.All(await index.CommitAsync([.. packs], default), static result => Assert.Null(result.Refused));
        }));

        await Task.WhenAll(work);

        var state = await second.StateAsync(default);
        Assert.Equal([$"{state.Studies}|{state.Series}|{state.Instances}"], await harness.RowsAsync(
            "SELECT (SELECT count(*) FROM study), (SELECT count(*) FROM series), (SELECT count(*) FROM instance)"));
        Assert.Empty(await harness.RowsAsync("""
            SELECT s.study_uid FROM study s LEFT JOIN (SELECT study_uid, count(*) AS n, sum(data_length) AS b, (array_agg(origin ORDER BY origin))[1] AS o FROM instance GROUP BY 1) i USING (study_uid)
            WHERE i.n IS DISTINCT FROM s.instance_count OR i.b <> s.bytes OR i.o <> s.first_origin
            """));
        Assert.Empty(await harness.RowsAsync("""
            SELECT patient_key FROM patient p WHERE studies <> (SELECT count(*) FROM study s WHERE s.patient_id = p.patient_id AND s.issuer_of_patient_id = p.issuer)
                OR name <> (SELECT patient_name FROM study s WHERE s.patient_id = p.patient_id ORDER BY first_origin LIMIT 1)
            """));
        Assert.Empty(await harness.RowsAsync("""
            SELECT 1 FROM attribute_set a WHERE live_count <> (SELECT count(*) FROM instance i WHERE i.study_uid = a.study_uid AND i.series_uid = a.series_uid AND i.set_id = a.set_id)
            """));
    }

    [Fact]
    [Trait("fault", "F47")]
    public async Task NumberChanges_TwoLongTransactions_NeverLetsAReaderSkipOne()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var early = await BeginAsync(harness, 1_001);
        await using var late = await BeginAsync(harness, 1_002);
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var seen = new List<string>();

        Assert.Equal(0, await harness.Postgres.NumberChangesAsync(Sample.Tenant, 100, default));
        await CommitAsync(late);
        Assert.Equal(0, await harness.Postgres.NumberChangesAsync(Sample.Tenant, 100, default));
        await CommitAsync(early);
        // Older transactions in other tests' databases are waited for as well.
        while (await harness.HasUnnumberedAsync())
        {
            await harness.Postgres.NumberChangesAsync(Sample.Tenant, 2, default);
            var last = seen.Count == 0 ? "0" : seen[^1];
            seen.AddRange(await NumbersAsync(harness, $"SELECT seq FROM change WHERE seq > {last} ORDER BY seq"));
        }

        var skipped = 3 - seen.Distinct().Count();
        FaultTable.Add("F47", "two long transactions that commit in the other order, PostgreSQL", 2, 3, skipped + seen.Count - seen.Distinct().Count(), null, "-");
        Assert.Equal(["1", "2", "3"], seen);
        Assert.Equal(["1001", "1002"], (await NumbersAsync(harness, "SELECT version FROM change ORDER BY seq")).Take(2));
    }

    [Fact]
    public async Task Open_ManyServersAtOnceOnAnEmptyDatabase_OneMakesTheSchema()
    {
        var server = await PostgresHarness.ServerAsync();
        var name = $"vna_{Guid.NewGuid():N}";
        await PostgresHarness.ExecuteAsync(server, $"CREATE DATABASE {name}");
        var options = new PostgresIndexOptions { ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString() };
        await Assert.ThrowsAsync<IndexOpenException>(() => PostgresArchiveIndex.OpenAsync(options with { AutoMigrate = false }, default));

        var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => PostgresArchiveIndex.OpenAsync(options, default))));

        Assert.Single((await Task.WhenAll(opened.Select(index => index.StateAsync(default)))).Select(static state => (state.ArchiveId, state.TenantKey)).Distinct());
        foreach (var index in opened)
        {
            await index.DisposeAsync();
        }
        await PostgresHarness.ExecuteAsync(options.ConnectionString, "INSERT INTO \"__EFMigrationsHistory\" VALUES ('0999_Future', '99')");
        await (await PostgresArchiveIndex.OpenAsync(options, default)).DisposeAsync(); // it takes nothing away that this version needs
        await PostgresHarness.ExecuteAsync(options.ConnectionString, "UPDATE schema_compatibility SET minimum = '0999_Future'");
        var newer = await Assert.ThrowsAsync<IndexOpenException>(() => PostgresArchiveIndex.OpenAsync(options, default));
        Assert.Contains("newer version", newer.Message);
        await PostgresHarness.ExecuteAsync(server, $"DROP DATABASE {name} WITH (FORCE)");
    }

    [Fact]
    public async Task Fence_WithoutATestClock_IsTheDatabasesTime()
    {
        await using var harness = await PostgresHarness.OpenAsync(static options => options with { Clock = null });
        var pack = Sample.Pack(TimeProvider.System, Sample.Member(Sample.Key(1)));
        var old = Sample.Pack(harness.Time, Sample.Member(Sample.Key(2))); // of the test clock's year

        var results = await harness.Index.CommitAsync([pack, old], default);

        Assert.Equal([false, true], results.Select(static result => result.Refused is not null));
        Assert.Equal(["1"], await harness.RowsAsync("SELECT count(*) FROM study"));
    }

    [Fact]
    public async Task Search_WithReplica_SeesWhatWasCommittedWhateverTheReplicaDoes()
    {
        await using var server = await PostgresServer.StartAsync(replicas: 1, durable: false);
        Assert.SkipWhen(server is null, PostgresServer.Missing);
        var replica = $"Host=127.0.0.1;Port={server.Port + 1};Username=app;Database=postgres";
        await using var index = await PostgresArchiveIndex.OpenAsync(
            new PostgresIndexOptions { ConnectionString = server.ConnectionString, ReplicaConnectionString = replica }, default);
        async Task<int> StoreAndCountAsync(int study)
        {
            await index.CommitAsync([Sample.Pack(TimeProvider.System, Sample.Member(Sample.Key(study)))], default);
            return (await index.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Study, Limit = 100 }, default)).Rows.Count;
        }

        for (var study = 1; study <= 20; study++)
        {
            Assert.Equal(study, await StoreAndCountAsync(study));
        }
        // With nothing new to replay the replica answers.
        await WaitForReplayAsync(server.ConnectionString, replica);
        await using var search = new PostgresProxy("127.0.0.1", server.Port + 1);
        await using (var proxied = await PostgresArchiveIndex.OpenAsync(new PostgresIndexOptions
        {
            ConnectionString = server.ConnectionString,
            ReplicaConnectionString = $"Host=127.0.0.1;Port={search.Port};Username=app;Database=postgres;SSL Mode=Disable;GSS Encryption Mode=Disable",
        }, default))
        {
            await WaitForReplayAsync(server.ConnectionString, replica);
            // A replica that takes longer than a second to connect, as on a busy machine, is left alone for five: whichever answers, it is right,
            // and in the end it is the replica.
            for (var watch = Stopwatch.StartNew(); search.RoundTrips == 0; await Task.Delay(100))
            {
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "The replica is never asked.");
                Assert.Equal(20, (await proxied.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Study, Limit = 100 }, default)).Rows.Count);
            }
        }
        await PostgresHarness.ExecuteAsync(replica, "SELECT pg_wal_replay_pause()");
        Assert.Equal(21, await StoreAndCountAsync(21));
        await server.RunAsync("stop-replicas");
        Assert.Equal(22, await StoreAndCountAsync(22));
    }

    private static async Task WaitForReplayAsync(string primary, string replica)
    {
        var written = (await PostgresHarness.RowsAsync(primary, "SELECT pg_current_wal_lsn()::text"))[0];
        while ((await PostgresHarness.RowsAsync(replica, $"SELECT pg_last_wal_replay_lsn() >= '{written}'"))[0] != "True")
        {
            await Task.Delay(10);
        }
    }

    private static async Task<NpgsqlConnection> BeginAsync(PostgresHarness harness, long version)
    {
        var connection = new NpgsqlConnection(harness.ConnectionString);
        await connection.OpenAsync();
        await new NpgsqlCommand($"BEGIN; INSERT INTO change (tenant_id, study_uid, version, ordinal, epoch, kind, series_uid, sop_uid, at) VALUES (1, '1.2', {version}, 1, 1, 0, '', '', 0)", connection)
            .ExecuteNonQueryAsync();
        return connection;
    }

    private static Task<int> CommitAsync(NpgsqlConnection connection) => new NpgsqlCommand("COMMIT", connection).ExecuteNonQueryAsync();

    private static async Task<IReadOnlyList<string>> NumbersAsync(PostgresHarness harness, string sql) => await harness.RowsAsync(sql.Replace(" change ", " \"change\" "));
}

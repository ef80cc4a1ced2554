using System.Diagnostics;
using System.Globalization;
using Npgsql;
using VnaCloud.Archive;
using VnaCloud.TestKit;

namespace VnaCloud.Index.Tests.Postgres;

/// <summary>What goes wrong between an archive and its database, and what the archive makes of it.</summary>
public sealed class PostgresFaultTests
{
    public PostgresFaultTests() => PostgresHarness.SkipInFast();

    [Fact]
    public async Task Commit_OfEveryKind_TakesThreeRoundTripsAtMost()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var proxy = Proxy(harness);
        await using var index = await harness.ConnectAsync(options => Through(options, proxy) with { EarlyStatistics = false });
        await index.CommitAsync([Sample.Pack(harness.Time, Sample.Member(Sample.Key(1)))], default);
        var kinds = new (string Name, PackCommit[] Packs)[]
        {
            ("new study", [Pack(harness, Sample.Member(Sample.Key(2)), Sample.Member(Sample.Key(2, 2)))]),
            ("more of a series", [Pack(harness, Sample.Member(Sample.Key(2, 1, 2)))]),
            ("new series", [Pack(harness, Sample.Member(Sample.Key(2, 3)))]),
            ("duplicate and conflict", [Pack(harness, Sample.Member(Sample.Key(2)), Sample.Member(Sample.Key(2, 2), content: "other"))]),
            ("many packs", [.. Enumerable.Range(1, 50).Select(i => Pack(harness, [.. Enumerable.Range(1, 20).Select(n => Sample.Member(Sample.Key(i, 7, n)))]))]),
        };
        foreach (var (name, packs) in kinds)
        {
            var before = proxy.RoundTrips;
            Assert.All(await index.CommitAsync(packs, default), static result => Assert.Null(result.Refused));
            Assert.InRange(proxy.RoundTrips - before, 1, 3);
            Assert.True(proxy.RoundTrips > before, name);
        }
        var reads = proxy.RoundTrips;
        await index.LocateAsync(Sample.Tenant, "1.2.3.2", null, null, default);
        Assert.Equal(1, proxy.RoundTrips - reads);
        await index.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Instance, Limit = 20 }, default);
        Assert.Equal(3, proxy.RoundTrips - reads);
    }

    [Fact]
    public async Task Upkeep_AnswerOfCommitLost_IsDoneAllTheSame()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var proxy = Proxy(harness);
        await using var index = await harness.ConnectAsync(options => Through(options, proxy));
        await index.CommitAsync([Pack(harness, Sample.Member(Sample.Key(1)))], default);

        proxy.LoseCommits = 1;
        Assert.True(await index.ApplyAsync(new UpkeepChange.EpochClean(), default));
        proxy.LoseCommits = 1;
        var lease = await index.LeaseAsync("scrub", "a", TimeSpan.FromMinutes(1), default);
        proxy.LoseCommits = 1;
        Assert.True(await index.ApplyAsync(new UpkeepChange.Examined(Sample.Tenant, "1.2.3.1", harness.Time.GetUtcNow(), null), default));

        Assert.Equal(0, proxy.LoseCommits);
        Assert.Equal(1, lease!.Fence);
        Assert.True((await harness.Upkeep.UpkeepAsync(0, default)).IsClean);
        Assert.Empty(await harness.Upkeep.PacksAsync(new PackSelection.OfQuietStudy(TimeSpan.Zero), default));
    }

    [Fact]
    public async Task Commit_AnswerOfCommitLost_GivesTheSameAnswerOnce()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var proxy = Proxy(harness);
        await using var index = await harness.ConnectAsync(options => Through(options, proxy));
        await index.CommitAsync([Pack(harness, Sample.Member(Sample.Key(1)))], default);
        for (var i = 2; i <= 21; i++)
        {
            proxy.LoseCommits = 1;
            var result = await index.CommitAsync([Pack(harness, Sample.Member(Sample.Key(i)), Sample.Member(Sample.Key(i), content: "other"))], default);
            Assert.Equal([MemberOutcome.Stored, MemberOutcome.Conflict], result[0].Outcomes);
            Assert.Equal(0, proxy.LoseCommits);
        }

        var entries = int.Parse((await harness.RowsAsync("SELECT count(*) FROM change WHERE kind = 0"))[0], CultureInfo.InvariantCulture);
        var instances = (int)(await index.StateAsync(default)).Instances;
        FaultTable.Add("F13", "answer to COMMIT lost, PostgreSQL", 20, 21, Math.Abs(21 - entries) + Math.Abs(21 - instances), null, "-");
        Assert.Equal((21, 21), (entries, instances));
        Assert.Equal(20, (await harness.OutboxAsync()).Count);
    }

    [Fact]
    public async Task Commit_DeadlockAndSerializationErrors_AreRunAgain()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        const int commits = 100;
        await InjectAsync(harness, "random() < 0.3 AND nextval('fault') > 0", "(ARRAY['40P01', '40001'])[1 + currval('fault') % 2]");

        for (var i = 1; i <= commits; i++)
        {
            var result = await harness.StoreAsync(Sample.Member(Sample.Key(i)));
            Assert.Equal([MemberOutcome.Stored], result.Outcomes);
        }
        var errors = long.Parse((await harness.RowsAsync("SELECT last_value FROM fault"))[0], CultureInfo.InvariantCulture);
        await RemoveFaultAsync(harness);

        var entries = int.Parse((await harness.RowsAsync("SELECT count(*) FROM change WHERE kind = 0"))[0], CultureInfo.InvariantCulture);
        FaultTable.Add("F17", "40P01 and 40001 in three commits of ten, PostgreSQL", errors, commits, Math.Abs(commits - entries), null, "-");
        Assert.InRange(errors, 2, long.MaxValue);
        Assert.Equal(commits, entries);
        Assert.Equal([$"{commits}"], await harness.RowsAsync("SELECT count(*) FROM ingest_batch"));
        Assert.Equal(commits, (await harness.Index.StateAsync(default)).Instances);
    }

    [Theory]
    [InlineData("53100")] // disk full
    [InlineData("53300")] // too many connections
    [InlineData("57P01")] // stopping
    public async Task Commit_ServerWithoutRoom_IsUnavailableAndWorksAgain(string state)
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await InjectAsync(harness, "true", $"'{state}'");

        var error = await Assert.ThrowsAsync<IndexUnavailableException>(() => harness.StoreAsync(Sample.Member(Sample.Key(1))));
        await RemoveFaultAsync(harness);

        Assert.True(error.RetryAfter > TimeSpan.Zero);
        Assert.Null(await harness.LocateAsync("1.2.3.1"));
        Assert.Equal([MemberOutcome.Stored], (await harness.StoreAsync(Sample.Member(Sample.Key(1)))).Outcomes);
    }

    [Fact]
    public async Task Commit_StudyHeldByAnother_OtherPacksOfTheBatchDoNotWaitForIt()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var index = await harness.ConnectAsync(static options => options with { LockTimeout = TimeSpan.FromMilliseconds(100) });
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await using var holder = new NpgsqlConnection(harness.ConnectionString);
        await holder.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await new NpgsqlCommand("SELECT 1 FROM study WHERE study_uid = '1.2.3.1' FOR UPDATE", holder).ExecuteNonQueryAsync();

        var held = Pack(harness, Sample.Member(Sample.Key(1, 1, 2)));
        var results = await index.CommitAsync([held, Pack(harness, Sample.Member(Sample.Key(2)))], default);
        await Assert.ThrowsAsync<IndexUnavailableException>(() => index.CommitAsync([held], default));
        await transaction.RollbackAsync();

        Assert.Equal([true, false], results.Select(static result => result.Refused is not null));
        Assert.Equal([MemberOutcome.Stored], (await index.CommitAsync([held], default))[0].Outcomes);
    }

    [Fact]
    [Trait("fault", "F14")]
    public async Task Anything_ServerSilent_IsUnavailableWithinFifteenSeconds()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var proxy = Proxy(harness);
        await using var index = await harness.ConnectAsync(options => Through(options, proxy) with { CommitTimeout = TimeSpan.FromSeconds(1) });
        await index.CommitAsync([Pack(harness, Sample.Member(Sample.Key(2)))], default);
        proxy.IsSilent = true;
        var watch = Stopwatch.StartNew();

        var commit = Assert.ThrowsAsync<IndexUnavailableException>(() => index.CommitAsync([Pack(harness, Sample.Member(Sample.Key(1)))], default));
        var locate = Assert.ThrowsAsync<IndexUnavailableException>(() => index.LocateAsync(Sample.Tenant, "1.2.3.1", null, null, default));
        await Task.WhenAll(commit, locate);

        var silence = watch.Elapsed;
        proxy.IsSilent = false;
        watch.Restart();
        var kept = await index.LocateAsync(Sample.Tenant, "1.2.3.2", null, null, default);
        FaultTable.Add("F14", "PostgreSQL takes connections and never answers", 2, 1, kept is null ? 1 : 0, watch.Elapsed, "-");
        Assert.InRange(silence, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.NotNull(kept);
        Assert.Null(await index.LocateAsync(Sample.Tenant, "1.2.3.1", null, null, default));
    }

    [Fact]
    public async Task Open_NoServer_IsUnavailable()
    {
        var options = new PostgresIndexOptions { ConnectionString = "Host=127.0.0.1;Port=1;Username=app;Database=app" };

        await Assert.ThrowsAsync<IndexUnavailableException>(() => PostgresArchiveIndex.OpenAsync(options, default));
    }

    private static PackCommit Pack(PostgresHarness harness, params IReadOnlyList<PackMember> members) => Sample.Pack(harness.Time.Tick(), members);

    private static PostgresProxy Proxy(PostgresHarness harness)
    {
        var server = new NpgsqlConnectionStringBuilder(harness.ConnectionString);
        return new PostgresProxy(server.Host!, server.Port);
    }

    private static PostgresIndexOptions Through(PostgresIndexOptions options, PostgresProxy proxy) => options with
    {
        ConnectionString = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Host = "127.0.0.1", Port = proxy.Port, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable,
        }.ToString(),
    };

    // The sequence counts on when a transaction is rolled back.
    private static Task InjectAsync(PostgresHarness harness, string condition, string state) => PostgresHarness.ExecuteAsync(harness.ConnectionString, $"""
        CREATE SEQUENCE fault;
        CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF {condition} THEN RAISE EXCEPTION 'injected' USING ERRCODE = {state}; END IF; RETURN NEW; END $$;
        CREATE TRIGGER fault BEFORE INSERT ON ingest_batch FOR EACH ROW EXECUTE FUNCTION fault();
        """);

    private static Task RemoveFaultAsync(PostgresHarness harness) =>
        PostgresHarness.ExecuteAsync(harness.ConnectionString, "DROP TRIGGER fault ON ingest_batch; DROP FUNCTION fault; DROP SEQUENCE fault");
}

using Microsoft.Data.Sqlite;
using VnaCloud.Archive;
using VnaCloud.Index.Sqlite;
using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Sqlite;

public sealed class SqliteMaintenanceTests
{
    [Fact]
    public async Task Rebuild_FromLiveAndDeletedMembers_IsTheSameIndex()
    {
        await using var worked = await SqliteHarness.OpenAsync();
        await using var rebuilt = await SqliteHarness.OpenAsync();
        var first = Sample.Pack(worked.Time, Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, 1, 2)), Sample.Member(Sample.Key(1, 2)));
        var second = Sample.Pack(worked.Time.Tick(), Sample.Member(Sample.Key(2), new StudyAttributes { PatientName = "Gone" }));
        await worked.CommitAsync(first);
        await worked.CommitAsync(second);
        await worked.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");
        await worked.DeleteAsync("1.2.3.2");
        var journal = await worked.OutboxAsync();

        await rebuilt.CommitAsync(first with { Members = [first.Members[0], first.Members[2]], Adopting = true });
        await rebuilt.Sqlite.AdoptDeletedAsync(first, [(1, journal[0])], default);
        await rebuilt.Sqlite.AdoptDeletedAsync(second, [(0, journal[1])], default);
        await rebuilt.Sqlite.AdoptDeletedAsync(second, [(0, journal[1])], default); // taken up again after a crash
        await rebuilt.Sqlite.BeginEpochAsync(journal[1].Id, default);

        Assert.Equal(await worked.DumpAsync(), await rebuilt.DumpAsync());
        await worked.RestoreAsync("1.2.3.2");
        await rebuilt.RestoreAsync("1.2.3.2");
        Assert.Equal(await worked.DumpAsync(), await rebuilt.DumpAsync());
        Assert.True(Assert.Single(await rebuilt.OutboxAsync()).Id > journal[1].Id);
    }

    [Fact]
    public async Task Adopt_DeletedArrivalAgain_DoesNotComeBack()
    {
        await using var harness = await SqliteHarness.OpenAsync();
        var pack = Sample.Pack(harness.Time, Sample.Member(Sample.Key(1)));
        await harness.CommitAsync(pack);
        await harness.DeleteAsync("1.2.3.1");

        await harness.CommitAsync(pack with { Adopting = true, Source = pack.Source with { Batch = Ulid.New(harness.Time.Tick()) } });

        Assert.Null(await harness.LocateAsync("1.2.3.1"));
    }

    [Fact]
    public async Task BeginEpoch_Rises_AndChangesFollowIt()
    {
        await using var harness = await SqliteHarness.OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.Sqlite.BeginEpochAsync(default, default);
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));

        var epochs = (await harness.RowsAsync("SELECT epoch FROM change ORDER BY epoch, seq")).Select(long.Parse).ToList();

        Assert.True(epochs[0] < epochs[1]);
    }

    [Fact]
    public async Task Listings_ManyPages_GiveEveryRowOnce()
    {
        await using var harness = await SqliteHarness.OpenAsync();
        for (var study = 1; study <= 3; study++)
        {
            await harness.StoreAsync([.. Enumerable.Range(1, 401).Select(i => Sample.Member(Sample.Key(study, i % 5 + 1, i)))]);
        }
        var (instances, packs) = (new List<InstanceKey>(), new List<PackRow>());
        await foreach (var entry in harness.Sqlite.InstancesAsync(default))
        {
            instances.Add(entry.Key);
        }
        await foreach (var pack in harness.Sqlite.PacksAsync(default))
        {
            packs.Add(pack);
        }

        Assert.Equal(1_203, instances.Distinct().Count());
        Assert.Equal(1_203, instances.Count);
        Assert.Equal(["1.2.3.1", "1.2.3.2", "1.2.3.3"], packs.Select(static pack => pack.StudyUid));
        Assert.All(packs, static pack => Assert.Equal((10_000L, $"t/x/packs/{pack.Pack}.tar"), (pack.Length, pack.Key)));
    }

    [Fact]
    public async Task Backup_OfRunningIndex_OpensAndHoldsTheSame()
    {
        await using var harness = await SqliteHarness.OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var copy = Path.Combine(harness.Folder, "copy", "index.db");
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);

        await harness.Sqlite.BackupAsync(copy, default);
        await harness.DeleteAsync("1.2.3.1");

        await using var index = await SqliteArchiveIndex.OpenAsync(new SqliteIndexOptions { Path = copy }, default);
        Assert.Equal(Sample.Key(1), Assert.Single((await index.LocateAsync(Sample.Tenant, "1.2.3.1", null, null, default))!.Instances).Key);
    }

    [Fact]
    public async Task Commit_NoRoom_IsIndexFullAndReadingGoesOn()
    {
        await using var harness = await SqliteHarness.OpenAsync(static options => options with { MaxPages = 150 });
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var before = await harness.DumpAsync();

        var error = await Assert.ThrowsAsync<IndexFullException>(async () =>
            await harness.StoreAsync([.. Enumerable.Range(1, 2_000).Select(static i => Sample.Member(Sample.Key(2, 1, i)))]));

        Assert.Equal(28, error.HResult);
        Assert.Equal(before, await harness.DumpAsync());
        Assert.NotNull(await harness.LocateAsync("1.2.3.1"));
        await harness.ReopenAsync();
        Assert.Equal([MemberOutcome.Stored], (await harness.StoreAsync(Sample.Member(Sample.Key(3)))).Outcomes);
    }

    [Fact]
    public async Task Search_OverTheTimeLimit_IsTooSlowAndTheNextOneWorks()
    {
        await using var harness = await SqliteHarness.OpenAsync(static options => options with { StatementTimeout = TimeSpan.FromTicks(1) });
        await harness.StoreAsync([.. Enumerable.Range(1, 300).Select(static i => Sample.Member(Sample.Key(1, 1, i)))]);

        await Assert.ThrowsAsync<SearchTooSlowException>(() => harness.SearchAsync(QueryLevel.Instance));

        await harness.ReopenAsync();
        Assert.Equal(100, (await harness.SearchAsync(QueryLevel.Instance)).Rows.Count);
    }

    [Fact]
    public async Task Search_InAStudyOfAsManyPacksAsInstances_IsNoSlowerForThem()
    {
        // A thousand STOW requests of one instance each: a plan that begins with the packs looks at a million pairs.
        await using var harness = await SqliteHarness.OpenAsync(static options => options with { StatementTimeout = TimeSpan.FromSeconds(2) });
        for (var i = 1; i <= 1000; i++)
        {
            await harness.StoreAsync(Sample.Member(Sample.Key(1, 1, i)));
        }

        var page = await harness.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Instance, StudyUid = Sample.Key(1, 1, 1).StudyUid, Limit = 5000 });

        Assert.Equal(1000, page.Rows.Count);
        Assert.Equal(1000, page.Rows.Select(row => row.Instance!.Data.PackKey).Distinct().Count());
    }

    [Fact]
    public async Task Locate_OfASeriesThatWasKeptInMemory_SeesEveryChange()
    {
        await using var harness = await SqliteHarness.OpenAsync(static options => options);
        await harness.StoreAsync([.. Enumerable.Range(1, 40).Select(static i => Sample.Member(Sample.Key(1, 1, i)))]);
        var key = Sample.Key(1, 1, 7);
        async Task<int> CountAsync(string? series) => (await harness.Index.LocateAsync(Sample.Tenant, key.StudyUid, series, null, default))!.Instances.Count;

        Assert.Equal(40, await CountAsync(key.SeriesUid));
        Assert.Equal(40, await CountAsync(null));
        await harness.DeleteAsync(key.StudyUid, key.SeriesUid, key.SopUid);
        Assert.Equal(39, await CountAsync(key.SeriesUid));
        await harness.StoreAsync(Sample.Member(Sample.Key(1, 1, 41)));
        Assert.Equal(40, await CountAsync(key.SeriesUid));
        Assert.Equal(40, await CountAsync(null));
    }

    [Fact]
    public async Task Session_CancelledWhileRunning_IsInterrupted()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var session = new SqliteSession(connection, TimeProvider.System);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        session.Watch(TimeSpan.Zero, cancellation.Token);

        var error = Assert.Throws<SqliteException>(() =>
            session.Prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n").Bind().Run());

        Assert.True(SqliteErrors.IsInterrupted(error));
    }

    [Fact]
    public async Task Search_ThousandsOfMatches_TotalIsALowerBound()
    {
        await using var harness = await SqliteHarness.OpenAsync();
        for (var pack = 0; pack < 6; pack++)
        {
            await harness.StoreAsync([.. Enumerable.Range(1, 1_700).Select(i => Sample.Member(Sample.Key(1, 1, 10_000 * pack + i)))]);
        }

        var page = await harness.SearchAsync(QueryLevel.Instance, SearchHarness.Any(0x0028_0010, "512"));

        Assert.Equal((10_000L, true, 100), (page.Total, page.TotalIsLowerBound, page.Rows.Count));
        Assert.Equal(10_200, (await harness.SearchAsync(QueryLevel.Instance)).Total);
    }
}

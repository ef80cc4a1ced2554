using VnaCloud.Archive;
using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Postgres;

public sealed class PostgresRebuildTests
{
    public PostgresRebuildTests() => PostgresHarness.SkipInFast();

    [Fact]
    public async Task Rebuild_StoppedAndRunAgain_IsTheSameIndexAndNobodyIsServedMeanwhile()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        var first = Sample.Pack(harness.Time, Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, 1, 2)), Sample.Member(Sample.Key(1, 2)));
        var second = Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(2), new StudyAttributes { PatientName = "Gone" }));
        await harness.CommitAsync(first);
        await harness.CommitAsync(second);
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");
        await harness.DeleteAsync("1.2.3.2");
        var (before, journal, state) = (await harness.DumpAsync(), await harness.OutboxAsync(), await harness.Index.StateAsync(default));
        var identity = new ArchiveIdentity(1, state.ArchiveId, state.TenantKey);
        var options = new PostgresIndexOptions { ConnectionString = harness.ConnectionString, Clock = harness.Time };

        await using (var stopped = await PostgresRebuild.BeginAsync(options, identity, default))
        {
            Assert.False(stopped.IsResumed);
            await stopped.Index.CommitAsync([first with { Members = [first.Members[0]], Adopting = true }], default);
            await Assert.ThrowsAsync<IndexOpenException>(() => PostgresRebuild.BeginAsync(options, identity, default));
        }
        Assert.True((await harness.Index.StateAsync(default)).IsRebuilding);
        await Assert.ThrowsAsync<IndexUnavailableException>(() => harness.LocateAsync("1.2.3.1"));
        await Assert.ThrowsAsync<IndexUnavailableException>(() => harness.SearchAsync(QueryLevel.Study));
        await Assert.ThrowsAsync<IndexUnavailableException>(() => harness.StoreAsync(Sample.Member(Sample.Key(3))));
        // An index that is emptied is not one that refers to nothing.
        await Assert.ThrowsAsync<IndexUnavailableException>(() => harness.Upkeep.PacksAsync(new PackSelection.ByOrder(Sample.Tenant, "", 10), default));
        await Assert.ThrowsAsync<IndexUnavailableException>(() => harness.Upkeep.UpkeepAsync(0, default));
        await Assert.ThrowsAsync<IndexUnavailableException>(() => harness.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(), default));
        await using (var again = await PostgresRebuild.BeginAsync(options, identity, default))
        {
            Assert.True(again.IsResumed);
            Assert.False((await again.Index.UpkeepAsync(0, default)).IsClean);
            await again.Index.BeginEpochAsync(journal[^1].Id, default);
            await again.Index.AdoptDeletedAsync(first, [(1, journal[0])], default);
            await again.Index.AdoptDeletedAsync(second, [(0, journal[1])], default);
            await again.Index.AdoptDeletedAsync(second, [(0, journal[1])], default);
            await again.Index.CommitAsync([first with
            {
                Members = [first.Members[0], first.Members[2]], Adopting = true, Source = first.Source with { Batch = Ulid.New(harness.Time.Tick()) },
            }], default);
            await again.CompleteAsync(default);
        }

        Assert.Equal(before, await harness.DumpAsync());
        Assert.True((await harness.Upkeep.UpkeepAsync(0, default)).IsClean);
        // What was decided and not journalled before is still to be written.
        Assert.Equal(journal, await harness.OutboxAsync());
        await harness.RestoreAsync("1.2.3.2");
        Assert.True((await harness.OutboxAsync())[^1].Id > journal[^1].Id);
    }

    [Fact]
    public async Task Listings_ManyPages_GiveEveryRowOnce()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        for (var study = 1; study <= 3; study++)
        {
            await harness.StoreAsync([.. Enumerable.Range(1, 401).Select(i => Sample.Member(Sample.Key(study, i % 5 + 1, i)))]);
        }
        var (instances, packs) = (new List<InstanceKey>(), new List<PackRow>());
        await foreach (var entry in harness.Postgres.InstancesAsync(default))
        {
            instances.Add(entry.Key);
        }
        await foreach (var pack in harness.Postgres.PacksAsync(default))
        {
            packs.Add(pack);
        }

        Assert.Equal(1_203, instances.Distinct().Count());
        Assert.Equal(1_203, instances.Count);
        Assert.Equal(["1.2.3.1", "1.2.3.2", "1.2.3.3"], packs.Select(static pack => pack.StudyUid));
        Assert.All(packs, static pack => Assert.Equal((10_000L, $"t/x/packs/{pack.Pack}.tar"), (pack.Length, pack.Key)));
    }

    [Fact]
    public async Task Search_OverTheTimeLimit_IsTooSlowAndTheNextOneWorks()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await harness.StoreAsync([.. Enumerable.Range(1, 2_000).Select(static i => Sample.Member(Sample.Key(1, 1, i)))]);
        await using var hurried = await harness.ConnectAsync(static options => options with { StatementTimeout = TimeSpan.FromMilliseconds(1) });
        var request = new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Instance, Limit = 1_000, Criteria = [SearchHarness.Wild(0x0008_0018, "*1*2*")] };

        await Assert.ThrowsAsync<SearchTooSlowException>(() => hurried.SearchAsync(request, default));

        Assert.NotEmpty((await harness.SearchAsync(request)).Rows);
    }

    [Fact]
    public async Task Locate_OfASeriesThatWasKeptInMemory_SeesEveryChangeOfAnotherServer()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var other = await harness.ConnectAsync();
        await harness.StoreAsync([.. Enumerable.Range(1, 40).Select(static i => Sample.Member(Sample.Key(1, 1, i)))]);
        var key = Sample.Key(1, 1, 7);
        async Task<int> CountAsync(string? series) => (await other.LocateAsync(Sample.Tenant, key.StudyUid, series, null, default))!.Instances.Count;

        Assert.Equal((40, 40, 40), (await CountAsync(key.SeriesUid), await CountAsync(null), await CountAsync(null)));
        await harness.DeleteAsync(key.StudyUid, key.SeriesUid, key.SopUid);
        Assert.Equal((39, 39), (await CountAsync(key.SeriesUid), await CountAsync(null)));
        await harness.StoreAsync(Sample.Member(Sample.Key(1, 1, 41)));
        Assert.Equal((40, 40), (await CountAsync(key.SeriesUid), await CountAsync(null)));
    }
}

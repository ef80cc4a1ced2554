using VnaCloud.Archive;
using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Postgres;

/// <summary>Another copy of the database takes the place of the one that was written to: here by the name that it wrote down.</summary>
public sealed class PostgresTakeoverTests
{
    [Fact]
    public async Task Takeover_BeforeTheFirstCommit_BeginsAnUncleanEpoch()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.Index.DecideAsync(new DecisionRequest(Sample.Tenant, DecisionKind.Delete, "1.2.3.1", null, null), default);
        await harness.SettleAsync();
        await harness.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(), default);
        var before = await harness.Upkeep.UpkeepAsync(0, default);
        var version = long.Parse((await harness.RowsAsync("SELECT last_value FROM content_version"))[0]);
        await TakeOverAsync(harness);

        // Known before anything is written.
        Assert.Equal((true, false), (before.IsClean, (await harness.Upkeep.UpkeepAsync(0, default)).IsClean));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));

        var after = await harness.Upkeep.UpkeepAsync(0, default);
        Assert.False(after.IsClean);
        Assert.True(after.Epoch > before.Epoch);
        Assert.Equal(before.LastDecision, after.Missed!.After);
        Assert.True(after.Missed.Before > before.LastDecision.Time);
        Assert.True((await harness.LocateAsync("1.2.3.2"))!.Version > version + 1_000, "Versions that the other copy gave out may come again.");
        var page = await harness.Upkeep.ChangesAsync(Sample.Tenant, new ChangePosition(before.Epoch, before.Sequence), 10, default);
        Assert.True(page.IsOtherEpoch);
    }

    [Fact]
    public async Task Takeover_AmongOthers_MissesWhatTheFirstOfThemMissed()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(), default);
        await TakeOverAsync(harness);
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        var first = await harness.Upkeep.UpkeepAsync(0, default);
        await harness.Index.DecideAsync(new DecisionRequest(Sample.Tenant, DecisionKind.Delete, "1.2.3.1", null, null), default);
        await TakeOverAsync(harness);
        await harness.StoreAsync(Sample.Member(Sample.Key(3)));

        // Who compared the store with the index before the second one has not seen what that one misses.
        Assert.False(await harness.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(first.Epoch), default));
        var second = await harness.Upkeep.UpkeepAsync(0, default);
        Assert.False(second.IsClean);
        Assert.Equal(first.Missed!.After, second.Missed!.After);
        Assert.True(second.Missed.Before > first.Missed.Before);
        Assert.True(await harness.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(second.Epoch), default));
        var clean = await harness.Upkeep.UpkeepAsync(0, default);
        Assert.Equal((true, null), (clean.IsClean, clean.Missed));
    }

    [Fact]
    public async Task Takeover_WithChangesThatHaveNoNumberYet_GivesThemNoneOfTheOldEpoch()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await TakeOverAsync(harness);

        Assert.Equal(0, await harness.Postgres.NumberChangesAsync(Sample.Tenant, 10, default));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        await harness.SettleAsync();

        Assert.Equal("1.2.3.2", Assert.Single((await harness.Upkeep.ChangesAsync(Sample.Tenant, null, 10, default)).Changes).Key.StudyUid);
    }

    [Fact]
    public async Task Takeover_MetByManyServersAtOnce_BeginsOneEpoch()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var before = (await harness.Upkeep.UpkeepAsync(0, default)).Epoch;
        await TakeOverAsync(harness);

        var results = await Task.WhenAll(Enumerable.Range(2, 20).Select(i => Task.Run(() =>
            harness.Index.CommitAsync([Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(i)))], default))));

        Assert.All(results, static result => Assert.Equal([MemberOutcome.Stored], result[0].Outcomes));
        var after = (await harness.Upkeep.UpkeepAsync(0, default)).Epoch;
        Assert.True(after > before);
        Assert.Equal([$"{after}"], await harness.RowsAsync($"SELECT DISTINCT epoch FROM change WHERE epoch > {before}"));
        Assert.Equal(["20"], await harness.RowsAsync($"SELECT count(*) FROM change WHERE epoch = {after}"));
    }

    private static Task TakeOverAsync(PostgresHarness harness) =>
        PostgresHarness.ExecuteAsync(harness.ConnectionString, "UPDATE takeover SET timeline = 'another/0000FFFF'");
}

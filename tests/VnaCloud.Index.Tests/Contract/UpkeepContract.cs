using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>Leases, the change feed, queues, marks and replay, of any provider.</summary>
public abstract class UpkeepContract
{
    protected abstract Task<IndexHarness> OpenAsync();

    /// <summary>With a mirror configured.</summary>
    protected abstract Task<IndexHarness> OpenMirroredAsync();

    [Fact]
    public async Task Lease_HeldByOne_IsRefusedToOthersUntilItEnds()
    {
        await using var harness = await OpenAsync();
        var minute = TimeSpan.FromMinutes(1);
        var first = await harness.Upkeep.LeaseAsync("scrub", "a", minute, default);
        Assert.NotNull(first);
        Assert.Equal(harness.Time.GetUtcNow() + minute, first.Until);
        Assert.Null(await harness.Upkeep.LeaseAsync("scrub", "b", minute, default));
        Assert.NotNull(await harness.Upkeep.LeaseAsync("collect", "b", minute, default));
        harness.Time.Advance(minute / 2);
        Assert.Equal(first.Fence, (await harness.Upkeep.LeaseAsync("scrub", "a", minute, default))!.Fence);
        harness.Time.Advance(minute * 0.75);
        Assert.Null(await harness.Upkeep.LeaseAsync("scrub", "b", minute, default));
        harness.Time.Advance(minute * 0.5);
        Assert.True((await harness.Upkeep.LeaseAsync("scrub", "b", minute, default))!.Fence > first.Fence);
        Assert.Null(await harness.Upkeep.LeaseAsync("scrub", "a", TimeSpan.Zero, default)); // it is not a's to give back
        await harness.Upkeep.LeaseAsync("scrub", "b", TimeSpan.Zero, default);
        Assert.NotNull(await harness.Upkeep.LeaseAsync("scrub", "a", minute, default));
    }

    [Fact]
    public async Task Lease_AskedForByManyAtOnce_IsGivenToOne()
    {
        await using var harness = await OpenAsync();
        var leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => harness.Upkeep.LeaseAsync("compact", $"holder {i}", TimeSpan.FromMinutes(1), default)));
        Assert.Single(leases, lease => lease is not null);
    }

    [Fact]
    public async Task Changes_OfStoreDeleteRestore_AreInOrderAndInPages()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, instance: 2)));
        await harness.StoreAsync(Sample.Member(Sample.Key(1))); // a duplicate
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");
        await harness.RestoreAsync("1.2.3.1");
        await harness.SettleAsync();
        var all = await harness.Upkeep.ChangesAsync(Sample.Tenant, null, 100, default);
        Assert.False(all.IsOtherEpoch);
        Assert.Equal([ChangeAction.Create, ChangeAction.Create, ChangeAction.Delete, ChangeAction.Create], all.Changes.Select(change => change.Action));
        Assert.Equal(["1.2.3.1.1.1", "1.2.3.1.1.2", "1.2.3.1.1.2", "1.2.3.1.1.2"], all.Changes.Select(change => change.Key.SopUid));
        Assert.True(all.Changes.Zip(all.Changes.Skip(1)).All(pair => pair.First.Sequence < pair.Second.Sequence));
        Assert.Equal(all.Changes[^1].Sequence, (await harness.Upkeep.UpkeepAsync(0, default)).Sequence);
        var rest = await harness.Upkeep.ChangesAsync(Sample.Tenant, new ChangePosition(all.Epoch, all.Changes[0].Sequence), 2, default);
        Assert.Equal(all.Changes.Skip(1).Take(2), rest.Changes);
        var end = await harness.Upkeep.ChangesAsync(Sample.Tenant, new ChangePosition(all.Epoch, all.Changes[^1].Sequence), 2, default);
        Assert.Equal((false, 0), (end.IsOtherEpoch, end.Changes.Count));
    }

    [Fact]
    public async Task Changes_AfterAPositionThatIsNotOfThisEpoch_AreRefused()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.SettleAsync();
        var page = await harness.Upkeep.ChangesAsync(Sample.Tenant, null, 10, default);
        Assert.True((await harness.Upkeep.ChangesAsync(Sample.Tenant, new ChangePosition(page.Epoch, page.Changes[^1].Sequence + 1), 10, default)).IsOtherEpoch);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await harness.Upkeep.ApplyAsync(new UpkeepChange.EpochBegun(default), default));
        var later = await harness.Upkeep.ChangesAsync(Sample.Tenant, new ChangePosition(page.Epoch, page.Changes[^1].Sequence), 10, default);
        Assert.True(later.IsOtherEpoch);
        Assert.True(later.Epoch > page.Epoch);
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        await harness.SettleAsync();
        Assert.Single((await harness.Upkeep.ChangesAsync(Sample.Tenant, new ChangePosition(later.Epoch, 0), 10, default)).Changes);
    }

    [Fact]
    public async Task Epoch_NewOrBegun_IsNotCleanUntilSaid()
    {
        await using var harness = await OpenAsync();
        Assert.False((await harness.Upkeep.UpkeepAsync(0, default)).IsClean);
        await harness.Upkeep.ApplyAsync(new UpkeepChange.EpochClean(), default);
        Assert.True((await harness.Upkeep.UpkeepAsync(0, default)).IsClean);
        var last = Ulid.New(harness.Time.Advance(TimeSpan.FromDays(1)));
        harness.Time.Advance(TimeSpan.FromDays(-1));
        await harness.Upkeep.ApplyAsync(new UpkeepChange.EpochBegun(last), default);
        var state = await harness.Upkeep.UpkeepAsync(0, default);
        Assert.Equal((false, last), (state.IsClean, state.LastDecision));
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.DeleteAsync("1.2.3.1");
        Assert.True(Assert.Single(await harness.OutboxAsync()).Id > last);
    }

    [Fact]
    public async Task QuietStudy_TouchedByCommitsAndDecisions_IsDueOnceForEach()
    {
        await using var harness = await OpenAsync();
        var quiet = new PackSelection.OfQuietStudy(TimeSpan.FromMinutes(10));
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.StoreAsync(Sample.Member(Sample.Key(1, instance: 2)));
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        Assert.Empty(await harness.Upkeep.PacksAsync(quiet, default));
        harness.Time.Advance(TimeSpan.FromMinutes(20));
        var first = await harness.Upkeep.PacksAsync(quiet, default);
        Assert.Equal(["1.2.3.1", "1.2.3.1"], first.Select(pack => pack.StudyUid));
        Assert.True(await harness.Upkeep.ApplyAsync(new UpkeepChange.Examined(Sample.Tenant, "1.2.3.1", first[0].TouchedAt, null), default));
        var second = Assert.Single(await harness.Upkeep.PacksAsync(quiet, default));
        Assert.Equal("1.2.3.2", second.StudyUid);
        await harness.DeleteAsync("1.2.3.2"); // while it is examined
        await harness.Upkeep.ApplyAsync(new UpkeepChange.Examined(Sample.Tenant, "1.2.3.2", second.TouchedAt, null), default);
        Assert.Empty(await harness.Upkeep.PacksAsync(quiet, default));
        harness.Time.Advance(TimeSpan.FromMinutes(20));
        second = Assert.Single(await harness.Upkeep.PacksAsync(quiet, default));
        await harness.Upkeep.ApplyAsync(new UpkeepChange.Examined(Sample.Tenant, "1.2.3.2", second.TouchedAt, harness.Time.GetUtcNow().AddDays(7)), default);
        harness.Time.Advance(TimeSpan.FromDays(6));
        Assert.Empty(await harness.Upkeep.PacksAsync(quiet, default));
        harness.Time.Advance(TimeSpan.FromDays(2));
        Assert.Single(await harness.Upkeep.PacksAsync(quiet, default));
    }

    [Fact]
    public async Task Scrub_OldestFirst_MarksAreReplacedByTheNext()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        harness.Time.Advance(TimeSpan.FromDays(1));
        var due = await harness.Upkeep.PacksAsync(new PackSelection.Unscrubbed(harness.Time.GetUtcNow(), 10), default);
        Assert.Equal(["1.2.3.1", "1.2.3.2"], due.Select(pack => pack.StudyUid));
        Assert.Equal(due[0].ScrubbedAt, (await harness.Upkeep.UpkeepAsync(0, default)).OldestScrub);
        var arrival = Assert.Single(await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [], default));
        QuarantinedPart mark = new(arrival.Entry.Key, arrival.Entry.Origin, StoredPart.Data, "It is not what it was.");
        Assert.True(await harness.Upkeep.ApplyAsync(new UpkeepChange.Scrubbed(Sample.Tenant, due[0].Key, [mark, mark with { Part = StoredPart.Metadata }]), default));
        Assert.Equal("1.2.3.2", Assert.Single(await harness.Upkeep.PacksAsync(new PackSelection.Unscrubbed(harness.Time.GetUtcNow(), 10), default)).StudyUid);
        Assert.Equal(2, (await harness.Upkeep.UpkeepAsync(10, default)).Quarantined.Count);
        Assert.Single((await harness.Upkeep.UpkeepAsync(1, default)).Quarantined);
        await harness.Upkeep.ApplyAsync(new UpkeepChange.Scrubbed(Sample.Tenant, due[0].Key, [mark]), default);
        Assert.Equal(mark, Assert.Single((await harness.Upkeep.UpkeepAsync(10, default)).Quarantined));
        Assert.False(await harness.Upkeep.ApplyAsync(new UpkeepChange.Scrubbed(Sample.Tenant, "t/x/packs/none.tar", [mark]), default));
    }

    [Fact]
    public async Task Packs_ByOrderAndByKeys_AreThoseThatAreKnown()
    {
        await using var harness = await OpenAsync();
        for (var i = 1; i <= 5; i++)
        {
            await harness.StoreAsync(Sample.Member(Sample.Key(i)));
        }
        var keys = new List<string>();
        while (await harness.Upkeep.PacksAsync(new PackSelection.ByOrder(Sample.Tenant, keys.LastOrDefault() ?? "", 2), default) is { Count: > 0 } page)
        {
            keys.AddRange(page.Select(pack => pack.Key));
        }
        Assert.Equal(keys.Distinct().Order(StringComparer.Ordinal), keys);
        Assert.Equal(5, keys.Count);
        var known = await harness.Upkeep.PacksAsync(new PackSelection.ByKeys(Sample.Tenant, [keys[1], "t/x/packs/none.tar", keys[3]]), default);
        Assert.Equal([keys[1], keys[3]], known.Select(pack => pack.Key).Order(StringComparer.Ordinal));
        Assert.All(known, pack => Assert.Null(pack.NotBefore));
    }

    [Fact]
    public async Task Mirror_PacksOfCommits_AreQueuedWithThem()
    {
        await using (var without = await OpenAsync())
        {
            await without.StoreAsync(Sample.Member(Sample.Key(1)));
            Assert.Empty((await without.Upkeep.UpkeepAsync(10, default)).Mirror);
        }
        await using var harness = await OpenMirroredAsync();
        var since = harness.Time.GetUtcNow();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.Upkeep.ApplyAsync(new UpkeepChange.Mirrored(["journal", "journal"], []), default);
        var queue = (await harness.Upkeep.UpkeepAsync(10, default)).Mirror;
        Assert.Equal(2, queue.Count);
        Assert.Equal("journal", queue[1].Key);
        Assert.InRange(queue[0].Since, since, harness.Time.GetUtcNow());
        await harness.Upkeep.ApplyAsync(new UpkeepChange.Mirrored([], [queue[0].Key]), default);
        Assert.Equal("journal", Assert.Single((await harness.Upkeep.UpkeepAsync(10, default)).Mirror).Key);
    }

    [Fact]
    public async Task Replay_DecisionsOfTheJournal_GiveTheSameRowsAsDecidingDid()
    {
        await using var decided = await OpenAsync();
        await using var older = await OpenAsync();
        var packs = Enumerable.Range(1, 3).Select(i => Sample.Pack(decided.Time.Tick(), Sample.Member(Sample.Key(i)), Sample.Member(Sample.Key(i, instance: 2)))).ToList();
        foreach (var pack in packs)
        {
            await decided.CommitAsync(pack);
            await older.CommitAsync(pack);
        }
        decided.Time.Advance(TimeSpan.FromHours(1));
        await decided.DeleteAsync("1.2.3.1");
        await decided.DeleteAsync("1.2.3.2", "1.2.3.2.1", "1.2.3.2.1.2");
        decided.Time.Tick();
        await decided.RestoreAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1");
        var journal = await decided.OutboxAsync();
        Decision unknown = new(journal[^1].Id.Next(), DecisionKind.Delete, Sample.Key(9), new Origin(packs[0].Pack, 7), default, "request");

        Assert.True(await older.Upkeep.ApplyAsync(new UpkeepChange.Replayed(Sample.Tenant, [.. journal, unknown]), default));

        Assert.Equal(await decided.DumpAsync(), await older.DumpAsync());
        Assert.Empty(await older.OutboxAsync());
        Assert.Equal(unknown.Id, (await older.Upkeep.UpkeepAsync(0, default)).LastDecision);
        Assert.True(await older.Upkeep.ApplyAsync(new UpkeepChange.Replayed(Sample.Tenant, journal), default)); // twice is once
        Assert.Equal(await decided.DumpAsync(), await older.DumpAsync());
    }
}

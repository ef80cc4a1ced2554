using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

public class AdopterTests
{
    [Fact]
    [Trait("fault", "F40")]
    public async Task Run_IndexRestoredFromAWeekAgo_BringsEverythingBack()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        await fixture.StoreAsync(3);
        await fixture.StoreAsync(1, study: "1.2.4");
        await fixture.StoreAsync(1, study: "1.2.5");
        await fixture.DeleteAsync(1, "1.2.5");
        await new ArchivePosition(fixture.Parts()).CheckpointAsync(default);
        string expected = "";
        await CollectorTests.LoseAsync(fixture, async () =>
        {
            fixture.Time.Advance(TimeSpan.FromDays(6));
            await fixture.StoreAsync(4);
            await fixture.DeleteAsync(1);
            await fixture.StoreAsync(1, seed: 9); // again, with other content
            await fixture.StoreAsync(2, seed: 9); // a conflict
            await fixture.DeleteAsync(1, "1.2.4");
            await fixture.Archive.RestoreAsync("1.2.5");
            fixture.Live.Add(new InstanceKey("1.2.5", "1.2.5.1", "1.2.5.1.1"), Instances.Ct("1.2.5", "1.2.5.1", "1.2.5.1.1"));
            await fixture.StoreAsync(1, study: "1.2.6");
            await fixture.DeleteAsync(1, "1.2.6");
            await new ArchivePosition(fixture.Parts()).CheckpointAsync(default);
            expected = await fixture.Archive.DumpAsync();
        });
        Assert.Contains("vna adopt", await WhyOffAsync(fixture), StringComparison.Ordinal);
        Assert.NotNull((await fixture.CollectAsync(TimeSpan.FromHours(49))).Off);
        Assert.NotNull((await fixture.CompactAsync()).Off);

        var report = await AdoptAsync(fixture);

        Assert.Equal(0, report.FindingCount);
        Assert.Null(await WhyOffAsync(fixture));
        await fixture.AssertWholeAsync();
        Assert.Equal(expected, await fixture.Archive.DumpAsync());
        Assert.Equal(0, (await AdoptAsync(fixture)).Adopted);
        await fixture.CollectAsync(default);
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
        Assert.Equal(1, await fixture.Archive.RestoreAsync("1.2.6"));
    }

    [Fact]
    [Trait("fault", "F40")]
    public async Task Run_IndexRestoredFromBeforeACompaction_FollowsTheInstances()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        for (var i = 1; i <= 3; i++)
        {
            await fixture.StoreAsync(i);
        }
        await fixture.DeleteAsync(3);
        await CollectorTests.LoseAsync(fixture, async () =>
        {
            fixture.Time.Advance(UpkeepFixture.Options.Grace);
            await fixture.CompactAsync();
            Assert.Equal(3, (await fixture.CollectAsync(TimeSpan.FromHours(25))).Deleted);
            await new ArchivePosition(fixture.Parts()).CheckpointAsync(default);
        });
        var report = await AdoptAsync(fixture);
        Assert.Equal((2L, 0L), (report.Adopted, report.FindingCount));
        await fixture.AssertWholeAsync();
        await fixture.CollectAsync(TimeSpan.FromHours(1)); // rows of what was deleted already
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    [Trait("fault", "F40")]
    public async Task Run_ReferredPackIsGoneAndARetiredOneHoldsTheSame_PointsThere()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        await fixture.CompactAsync();
        var compacted = Assert.Single(await fixture.Archive.Index.PacksAsync(new PackSelection.ByOrder(TenantId.Default, "", 10), default));
        // As an index does that was made anew after this copy of it, and refers to what this one has retired.
        await fixture.Archive.Store.DeleteAsync(compacted.Key, default);
        await fixture.StoreAsync(3);

        var report = await AdoptAsync(fixture);

        Assert.Equal((2L, 0L), (report.Adopted, report.FindingCount));
        await fixture.AssertWholeAsync();
        await fixture.CollectAsync(TimeSpan.FromHours(49));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    [Trait("fault", "F40")]
    public async Task Run_NewIndexOverAFullStore_TakesEverythingIn()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        await fixture.StoreAsync(3);
        await fixture.CompactAsync();
        await fixture.StoreAsync(4);
        await fixture.DeleteAsync(2);
        await EmptyIndexAsync(fixture);
        Assert.Contains("vna adopt", await WhyOffAsync(fixture), StringComparison.Ordinal);
        Assert.NotNull((await fixture.CollectAsync(TimeSpan.FromHours(49))).Off);
        await AdoptAsync(fixture);
        Assert.Null(await WhyOffAsync(fixture));
        await fixture.AssertWholeAsync();
        await fixture.CollectAsync(default);
        await fixture.CompactAsync();
        await fixture.CollectAsync(TimeSpan.FromHours(49));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Position_OnlyJournalIsAhead_IsSeen()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        Assert.Null(await WhyOffAsync(fixture));
        await CollectorTests.LoseAsync(fixture, () => fixture.DeleteAsync(1));
        Assert.Contains("journal", await WhyOffAsync(fixture), StringComparison.Ordinal);
        await AdoptAsync(fixture);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    [Trait("fault", "F40")]
    public async Task Run_IndexLacksADecisionBeforeItsLast_ReplaysIt()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        for (var i = 1; i <= 4; i++)
        {
            await fixture.StoreAsync(i);
        }
        await fixture.DeleteAsync(4);
        await CollectorTests.LoseAsync(fixture, () => fixture.DeleteAsync(1));
        // As where two servers decided side by side, and the index was copied between their commits: it has the later decision alone.
        await fixture.DeleteAsync(2);
        Assert.NotNull((await fixture.Archive.Index.LocateAsync(TenantId.Default, UpkeepFixture.Study, UpkeepFixture.Series, "1.2.3.1.1", default))?.Instances);

        await AdoptAsync(fixture);

        await fixture.AssertWholeAsync();
        Assert.Null(await WhyOffAsync(fixture));
        Assert.Equal(3, await fixture.Archive.RestoreAsync(UpkeepFixture.Study));
    }

    [Fact]
    [Trait("fault", "F40")]
    public async Task Run_StoppedAfterTheLastDecision_IsNotTakenForComplete()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        await CollectorTests.LoseAsync(fixture, async () =>
        {
            await fixture.StoreAsync(3);
            await fixture.DeleteAsync(1);
        });
        var parts = fixture.Parts();
        // The database answers until the decisions are replayed.
        var dying = new DyingIndex(fixture.Archive.Index, after: static change => change is UpkeepChange.Replayed);

        await Assert.ThrowsAsync<IOException>(() => new Adopter(parts with { Upkeep = dying }, fixture.Archive.Index.AdoptDeletedAsync).RunAsync(_ => { }, default));

        Assert.Contains("vna adopt", await WhyOffAsync(fixture), StringComparison.Ordinal);
        await AdoptAsync(fixture);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Checkpoint_WrittenOnlyWhenSomethingChanged_KeepsAFew()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        for (var i = 1; i <= 6; i++)
        {
            await fixture.StoreAsync(i);
            await new ArchivePosition(fixture.Parts()).CheckpointAsync(default);
            await new ArchivePosition(fixture.Parts()).CheckpointAsync(default);
        }
        Assert.Equal(3, Directory.GetFiles(fixture.Folder.In("objects"), "*.json", SearchOption.AllDirectories).Count(path => path.Contains("/checkpoints/", StringComparison.Ordinal)));
        Assert.Null(await WhyOffAsync(fixture));
    }

    private sealed class DyingIndex(IUpkeepIndex inner, Predicate<UpkeepChange> after) : IUpkeepIndex
    {
        private bool _dead;

        public Task<Lease?> LeaseAsync(string job, string holder, TimeSpan duration, CancellationToken cancellation) => inner.LeaseAsync(job, holder, duration, cancellation);

        public Task<IReadOnlyList<IndexedPack>> PacksAsync(PackSelection selection, CancellationToken cancellation) => inner.PacksAsync(selection, cancellation);

        public Task<IReadOnlyList<IndexedArrival>> ArrivalsAsync(TenantId tenant, string studyUid, IReadOnlyList<InstanceKey> instances, CancellationToken cancellation) =>
            inner.ArrivalsAsync(tenant, studyUid, instances, cancellation);

        public async Task<bool> ApplyAsync(UpkeepChange change, CancellationToken cancellation)
        {
            var done = _dead ? throw new IOException("The index has gone.") : await inner.ApplyAsync(change, cancellation);
            _dead = after(change);
            return done;
        }

        public Task<ChangePage> ChangesAsync(TenantId tenant, ChangePosition? after, int limit, CancellationToken cancellation) => inner.ChangesAsync(tenant, after, limit, cancellation);

        public Task<UpkeepState> UpkeepAsync(int limit, CancellationToken cancellation) => inner.UpkeepAsync(limit, cancellation);
    }

    private static Task<string?> WhyOffAsync(UpkeepFixture fixture) => new ArchivePosition(fixture.Parts()).WhyOffAsync(default);

    /// <summary>The index is lost, and made again from the store.</summary>
    internal static async Task RebuildAsync(UpkeepFixture fixture)
    {
        await EmptyIndexAsync(fixture);
        await AdoptAsync(fixture);
    }

    private static async Task EmptyIndexAsync(UpkeepFixture fixture)
    {
        var state = await fixture.Archive.Index.StateAsync(default);
        await fixture.CloseAsync();
        foreach (var file in Directory.GetFiles(fixture.Folder.Path, "index.db*"))
        {
            File.Delete(file);
        }
        await using (await SqliteArchiveIndexOf(fixture, state))
        {
        }
        await fixture.RestartAsync();
    }

    internal static Task<UpkeepReport> AdoptAsync(UpkeepFixture fixture) => new Adopter(fixture.Parts(), fixture.Archive.Index.AdoptDeletedAsync).RunAsync(_ => { }, default);

    private static Task<Index.SqliteArchiveIndex> SqliteArchiveIndexOf(UpkeepFixture fixture, IndexState state) => Index.SqliteArchiveIndex.OpenAsync(new Index.SqliteIndexOptions
    {
        Path = fixture.Folder.In("index.db"), Time = fixture.Time, ArchiveId = state.ArchiveId, TenantKey = state.TenantKey,
    }, default);
}

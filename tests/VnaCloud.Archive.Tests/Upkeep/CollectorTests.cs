using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

public class CollectorTests
{
    private static readonly TimeSpan TwoDays = TimeSpan.FromHours(49);

    [Fact]
    public async Task Run_PacksOfVoidArrivals_AreDeletedAtTheirAge()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(1); // a duplicate
        await fixture.StoreAsync(1, seed: 5); // a conflict
        var report = await fixture.CollectAsync(TimeSpan.FromHours(23));
        Assert.Equal((0L, 0L), (report.Deleted, report.Unreferenced));
        report = await fixture.CollectAsync(TimeSpan.FromHours(2));
        Assert.Equal((2L, 0L), (report.Deleted, report.FindingCount));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_PackThatTheIndexLacks_IsAdoptedNotDeleted()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await LoseAsync(fixture, () => fixture.StoreAsync(2));
        var report = await fixture.CollectAsync(TwoDays);
        Assert.Equal((0L, 1L, 1L), (report.Deleted, report.Adopted, report.Unreferenced));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_RequestThatDiedAndWasSentAgain_LeavesOnePack()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(3);
        await LoseAsync(fixture, () => fixture.StoreAsync(1));
        await fixture.StoreAsync(1);
        await LoseAsync(fixture, () => fixture.StoreAsync(2));
        await fixture.StoreAsync(2);
        await fixture.DeleteAsync(2);
        var report = await fixture.CollectAsync(TwoDays);
        Assert.Equal((2L, 0L), (report.Deleted, report.Adopted));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_PackThatContradictsTheIndex_IsKeptWithAnAlarm()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await LoseAsync(fixture, () => fixture.StoreAsync(1));
        fixture.Live.Clear();
        await fixture.StoreAsync(1, seed: 7);
        var report = await fixture.CollectAsync(TwoDays);
        Assert.Equal(0, report.Deleted);
        Assert.Equal(FindingKind.Conflict, Assert.Single(report.Findings).Kind);
        Assert.Equal(2, (await fixture.Archive.PacksAsync()).Count);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Run_UnreadablePack_IsKeptWithAnAlarm()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await LoseAsync(fixture, () => fixture.StoreAsync(1));
        PackReaderTests.Flip(fixture.Folder.In("objects", (await fixture.Archive.PacksAsync())[0]), -PackFormat.FooterFromEnd);
        var report = await fixture.CollectAsync(TwoDays);
        Assert.Equal((0L, 1L), (report.Deleted, report.FindingCount));
    }

    [Fact]
    public async Task Run_ManyUnreferencedPacks_DeletesAShareOnly()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        for (var i = 0; i < 5; i++)
        {
            await fixture.StoreAsync(1);
        }
        Assert.Equal(2, (await fixture.CollectAsync(TwoDays, UpkeepFixture.Options with { MinDeleted = 2 })).Deleted);
        Assert.Equal(3, (await fixture.CollectAsync(default)).Deleted);
    }

    [Fact]
    [Trait("fault", "F36")]
    public async Task Commit_ResumedAfterTheCollectorsAge_IsRefusedByTheFence()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await using var stuck = fixture.Archive.Session();
        await stuck.AddAsync(new MemorySource(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.2")), default);
        Assert.Equal(0, (await fixture.CollectAsync(TimeSpan.FromHours(30))).Deleted);
        var result = Assert.Single(await stuck.CompleteAsync(default));
        var lost = await fixture.LostAsync();
        FaultTable.Add("F36", "a request that commits 30 h later, after the collector", 1, 1, lost, null, "-");
        Assert.Equal(0, lost);
        Assert.Equal(FailureReason.ProcessingFailure, result.Failure);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    [Trait("fault", "F36")]
    public async Task Swap_OfAPackOlderThanTheFence_IsRefused()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        var report = await fixture.CompactAsync(async (step, _) =>
        {
            if (step == UpkeepStep.Verified)
            {
                Assert.Equal(1, (await fixture.CollectAsync(TimeSpan.FromHours(30))).Deleted);
            }
        });
        var lost = await fixture.LostAsync();
        FaultTable.Add("F36", "a compaction that swaps 30 h later, after the collector", 1, 2, lost, null, "-");
        Assert.Equal(0, lost);
        Assert.Equal(0, report.Written);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Run_JournalObjectIsNotGiven_StopsAndTakesNothingIn()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(1, seed: 7); // refused: void in the journal's first object
        await fixture.DeleteAsync(1);
        fixture.Time.Advance(TwoDays);
        var parts = fixture.Parts();
        var first = await parts.Store.ListAsync(PackFormat.JournalPrefix(parts.TenantKey), default).FirstAsync();

        await Assert.ThrowsAsync<ObjectMissingException>(() => new Collector(parts with { Store = MeanwhileStore.Vanishing(parts.Store, first) }).RunAsync(_ => { }, default));

        Assert.Equal(0, (await fixture.Archive.Index.StateAsync(default)).Instances);
    }

    [Fact]
    public async Task Run_AnotherServerDeletesAnUnreferencedPackMeanwhile_GoesOn()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(1);
        fixture.Time.Advance(TwoDays);
        var parts = fixture.Parts();
        var report = await new Collector(parts with { Store = MeanwhileStore.Vanishing(parts.Store, (await fixture.Archive.PacksAsync())[1]) }).RunAsync(_ => { }, default);
        Assert.Equal((1L, 0L), (report.Deleted, report.FindingCount));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_AnotherServerTakesThePackInMeanwhile_IsNotDeleted()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await LoseAsync(fixture, () => fixture.StoreAsync(2));
        fixture.Time.Advance(TwoDays);
        var (parts, pack) = (fixture.Parts(), (await fixture.Archive.PacksAsync())[1]);
        UpkeepReport? other = null;
        var store = new MeanwhileStore(parts.Store, pack, async () => other ??= await new Collector(parts).RunAsync(_ => { }, default));
        var report = await new Collector(parts with { Store = store }).RunAsync(_ => { }, default);
        Assert.Equal((1L, 0L), (other!.Adopted, report.Deleted));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_KilledBetweenObjectAndRow_GoesOn()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        await fixture.CompactAsync();
        fixture.Time.Advance(TwoDays);
        await Assert.ThrowsAsync<KilledException>(() => new Collector(fixture.Parts((_, _) => throw new KilledException())).RunAsync(_ => { }, default));
        await fixture.RestartAsync();
        await fixture.CollectAsync(default);
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_IndexOfAnotherArchiveOrNotClean_IsOff()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(1);
        await fixture.Archive.Index.ApplyAsync(new UpkeepChange.EpochBegun(default), default);
        var report = await fixture.CollectAsync(TwoDays);
        Assert.Contains("vna adopt", report.Off, StringComparison.Ordinal);
        Assert.Equal(2, (await fixture.Archive.PacksAsync()).Count);
        await fixture.Archive.Index.ApplyAsync(new UpkeepChange.EpochClean(), default);
        File.WriteAllText(fixture.Folder.In("objects", ArchiveIdentity.Key), """{"format":1,"archiveId":"other","tenantKey":"other"}""");
        Assert.Contains("another archive", (await fixture.CollectAsync(default)).Off, StringComparison.Ordinal);
    }

    // What is stored meanwhile is durable and was not committed: the index is put back to where it was.
    internal static async Task LoseAsync(UpkeepFixture fixture, Func<Task> store)
    {
        var before = fixture.Folder.In("index.before");
        File.Delete(before);
        await fixture.Archive.Index.BackupAsync(before, default);
        await store();
        await fixture.CloseAsync();
        foreach (var part in (string[])["", "-wal", "-shm"])
        {
            File.Delete(fixture.Folder.In("index.db" + part));
        }
        File.Copy(before, fixture.Folder.In("index.db"));
        await fixture.RestartAsync();
    }

    /// <summary>Something happens just before an object is looked into.</summary>
    private sealed class MeanwhileStore(IObjectStore inner, string at, Func<Task> meanwhile) : IObjectStore
    {
        public static MeanwhileStore Vanishing(IObjectStore inner, string gone) => new(inner, gone, () => inner.DeleteAsync(gone, default).AsTask());

        public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation) => inner.CreateAsync(key, cancellation);

        public ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation) => inner.ReadAsync(key, offset, destination, cancellation);

        public async ValueTask<long?> LengthAsync(string key, CancellationToken cancellation)
        {
            if (key == at)
            {
                await meanwhile();
            }
            return await inner.LengthAsync(key, cancellation);
        }

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

        public ValueTask DeleteAsync(string key, CancellationToken cancellation) => inner.DeleteAsync(key, cancellation);
    }
}

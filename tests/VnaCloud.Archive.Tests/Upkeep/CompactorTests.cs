using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

public class CompactorTests
{
    [Fact]
    public async Task Run_SmallPacksOfAQuietStudy_BecomeOneAndNothingElseChanges()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        for (var i = 1; i <= 5; i++)
        {
            await fixture.StoreAsync(i);
        }
        await fixture.StoreAsync(1, study: "1.2.4");
        var before = (await fixture.Archive.Index.LocateAsync(TenantId.Default, UpkeepFixture.Study, null, null, default))!;

        Assert.Equal(0, (await new Compactor(fixture.Parts()).RunAsync(_ => { }, default)).Packs); // not quiet yet
        var report = await fixture.CompactAsync();

        Assert.Equal((6L, 1L, 0L), (report.Packs, report.Written, report.FindingCount));
        var after = (await fixture.Archive.Index.LocateAsync(TenantId.Default, UpkeepFixture.Study, null, null, default))!;
        Assert.Single(after.Instances.Select(entry => entry.Data.PackKey).Distinct());
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(before.Instances.Select(entry => (entry.Key, entry.Origin, entry.FileDigest)), after.Instances.Select(entry => (entry.Key, entry.Origin, entry.FileDigest)));
        await fixture.AssertWholeAsync();
        Assert.Equal(0, (await fixture.CompactAsync()).Packs); // nothing is left to do
        Assert.Equal(7, (await fixture.Archive.PacksAsync()).Count);
        Assert.Equal(0, (await fixture.CollectAsync(TimeSpan.FromHours(23))).Deleted);
        Assert.Equal(5, (await fixture.CollectAsync(TimeSpan.FromHours(2))).Deleted);
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_InstancesOfEveryKind_AreRetrievedAsBefore()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        foreach (var file in GoldenInstances.Live())
        {
            Assert.Equal(FailureReason.None, (await fixture.Archive.StoreAsync(file))[0]);
        }
        var before = await AnswersAsync(fixture.Archive);
        var report = await fixture.CompactAsync();
        Assert.True(report.Written > 0);
        Assert.Equal(before, await AnswersAsync(fixture.Archive));
        Assert.Empty((await VerifierTests.VerifyAsync(fixture.Archive)).Findings);
    }

    [Fact]
    public async Task Run_MostOfAPackDeletedAndTheGraceOver_RewritesIt()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.Archive.StoreAsync([.. Enumerable.Range(1, 4).Select(i => Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{i}", i))]);
        for (var i = 1; i <= 4; i++)
        {
            fixture.Live.Add(new InstanceKey("1.2.3", "1.2.3.1", $"1.2.3.1.{i}"), Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{i}", i));
        }
        await fixture.DeleteAsync(1);
        await fixture.DeleteAsync(2);
        Assert.Equal(0, (await fixture.CompactAsync()).Written);
        Assert.Equal(1, await fixture.Archive.RestoreAsync("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        fixture.Live.Add(new InstanceKey("1.2.3", "1.2.3.1", "1.2.3.1.1"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1", 1));
        await fixture.DeleteAsync(3);
        fixture.Time.Advance(UpkeepFixture.Options.Grace);
        Assert.Equal(1, (await fixture.CompactAsync()).Written);
        await fixture.AssertWholeAsync();
        Assert.Equal(2, (await PackReader.ReadAsync(fixture.Archive.Store, (await fixture.Archive.PacksAsync())[1], TenantId.Default, default)).Commit.Members.Count);
        // It is gone for good, after a rebuild too.
        Assert.Equal(0, await fixture.Archive.RestoreAsync("1.2.3"));
        await fixture.CollectAsync(TimeSpan.FromHours(25));
        await fixture.AssertNoOrphansAsync();
        await fixture.CloseAsync();
        Assert.Equal(2, (await ReindexerTests.RebuildAsync(fixture.Folder)).Live);
        await fixture.RestartAsync();
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Run_EverythingDeletedForGood_LeavesNoPack()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.DeleteAsync(1);
        fixture.Time.Advance(UpkeepFixture.Options.Grace);
        await fixture.CompactAsync();
        Assert.Equal(1, (await fixture.CollectAsync(TimeSpan.FromHours(25))).Deleted);
        Assert.Empty(await fixture.Archive.PacksAsync());
        Assert.Equal(0, (await fixture.Archive.Index.StateAsync(default)).Packs);
    }

    [Fact]
    public async Task Run_DeleteThatTheJournalHasNotYet_IsWrittenThereBeforeItsRowGoes()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        // An earlier run's pack with both, that nothing refers to.
        await Assert.ThrowsAsync<KilledException>(() => fixture.CompactAsync((at, _) => at == UpkeepStep.Written ? throw new KilledException() : Task.CompletedTask));
        await fixture.RestartAsync();
        // As by a server that died after its commit.
        var key = fixture.Live.Keys.First();
        Assert.Equal(1, await fixture.Archive.Index.DecideAsync(new DecisionRequest(TenantId.Default, DecisionKind.Delete, key.StudyUid, key.SeriesUid, key.SopUid), default));
        fixture.Live.Remove(key);
        fixture.Time.Advance(UpkeepFixture.Options.Grace);
        Assert.Equal(1, (await fixture.CompactAsync()).Written);
        Assert.Equal(0, (await fixture.CollectAsync(UpkeepFixture.Options.OrphanAge)).Adopted);
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Theory]
    [InlineData(nameof(UpkeepStep.Written))]
    [InlineData(nameof(UpkeepStep.Verified))]
    [InlineData(nameof(UpkeepStep.Swapped))]
    public async Task Run_KilledBetweenItsSteps_ChangesNothingOrAll(string name)
    {
        var step = Enum.Parse<UpkeepStep>(name);
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        await Assert.ThrowsAsync<KilledException>(() => fixture.CompactAsync((at, _) => at == step ? throw new KilledException() : Task.CompletedTask));
        await fixture.RestartAsync();
        await fixture.AssertWholeAsync();
        await fixture.CompactAsync();
        await fixture.AssertWholeAsync();
        await fixture.CollectAsync(TimeSpan.FromHours(49));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
        Assert.Single(await fixture.Archive.PacksAsync());
    }

    [Theory]
    [InlineData(900)] // an instance
    [InlineData(-700)] // the end of the tar
    [Trait("fault", "F35")]
    public async Task Run_OneBitOfTheNewPackFlipped_IsRefusedWithAnAlarm(int at)
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        var report = await fixture.CompactAsync((step, key) =>
        {
            if (step == UpkeepStep.Written)
            {
                PackReaderTests.Flip(fixture.Folder.In("objects", key), at);
            }
            return Task.CompletedTask;
        });
        var lost = await fixture.LostAsync();
        FaultTable.Add("F35", "one bit of a compacted pack flipped before the swap", 1, 2, lost, null, $"byte {at}");
        Assert.Equal(0, lost);
        Assert.True(report.FindingCount > 0);
        Assert.Equal(0, report.Written);
        Assert.Equal(2, (await fixture.Archive.Index.StateAsync(default)).Packs);
        Assert.Equal(0, (await fixture.Archive.Index.UpkeepAsync(0, default)).Retired.Count);
        // The damaged one is nobody's.
        fixture.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, (await fixture.CompactAsync()).Written);
    }

    [Fact]
    [Trait("fault", "F34")]
    public async Task Run_StudyChangesBetweenReadingAndSwap_KeepsBoth()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        for (var i = 1; i <= 4; i++)
        {
            await fixture.StoreAsync(i);
        }
        await fixture.DeleteAsync(4);
        await fixture.CompactAsync(async (step, _) =>
        {
            if (step == UpkeepStep.Verified)
            {
                await fixture.DeleteAsync(1);
                await fixture.StoreAsync(2); // the same again
                await fixture.StoreAsync(5);
                await fixture.Archive.RestoreAsync("1.2.3", "1.2.3.1", "1.2.3.1.4");
            }
        });
        fixture.Live.Add(new InstanceKey("1.2.3", "1.2.3.1", "1.2.3.1.4"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.4", 4));
        await fixture.AssertWholeAsync();
        await fixture.CompactAsync();
        await fixture.AssertWholeAsync();
        Assert.Equal(1, await fixture.Archive.RestoreAsync("1.2.3", "1.2.3.1", "1.2.3.1.1"));
    }

    [Fact]
    [Trait("fault", "F34")]
    public async Task Run_DeletedForGoodButRestoredBeforeTheSwap_IsRefused()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        await fixture.DeleteAsync(1);
        fixture.Time.Advance(UpkeepFixture.Options.Grace);
        var report = await fixture.CompactAsync(async (step, _) =>
        {
            if (step == UpkeepStep.Verified)
            {
                Assert.Equal(1, await fixture.Archive.RestoreAsync("1.2.3", "1.2.3.1", "1.2.3.1.1"));
            }
        });
        Assert.Equal(0, report.Written);
        fixture.Live.Add(new InstanceKey("1.2.3", "1.2.3.1", "1.2.3.1.1"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1", 1));
        await fixture.AssertWholeAsync();
        await fixture.CompactAsync();
        await fixture.CollectAsync(TimeSpan.FromHours(49));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Run_TwiceAtOnce_OneSwapCounts()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(2);
        var inner = 0L;
        await fixture.CompactAsync(async (step, _) =>
        {
            if (step == UpkeepStep.Verified)
            {
                inner = (await new Compactor(fixture.Parts()).RunAsync(_ => { }, default)).Written;
            }
        });
        Assert.Equal(1, inner);
        await fixture.AssertWholeAsync();
        await fixture.CollectAsync(TimeSpan.FromHours(49));
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
    }

    // Metadata and the bytes of each frame.
    private static async Task<List<string>> AnswersAsync(TestArchive archive)
    {
        var answers = new List<string>();
        await foreach (var entry in archive.Index.InstancesAsync(default))
        {
            answers.Add(System.Text.Encoding.UTF8.GetString(await new StoredMetadata(archive.Store).ReadAsync(entry.Metadata, "http://x", default)));
            for (var frame = 0; entry.Frames.Layout == FrameLayout.Encapsulated && frame < entry.Frames.Count; frame++)
            {
                answers.Add((await FrameReader.RangeAsync(archive.Store, entry, frame, default)).ToString());
            }
        }
        return answers;
    }
}

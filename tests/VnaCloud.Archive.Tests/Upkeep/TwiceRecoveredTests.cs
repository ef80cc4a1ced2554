namespace VnaCloud.Archive.Tests.Upkeep;

/// <summary>
/// An index made anew from the store, which may choose another of two arrivals of one instance than the index before it did, and after that the
/// index before it, out of a backup.
/// </summary>
[Trait("fault", "F40")]
public class TwiceRecoveredTests
{
    private static readonly TimeSpan TwoDays = TimeSpan.FromHours(49);

    [Fact]
    public async Task Adopt_ServesWhatTheOtherIndexVoided_NothingIsLostByTheNextRebuild()
    {
        await using var fixture = await SentTwiceAsync();
        await CollectorTests.LoseAsync(fixture, () => AdopterTests.RebuildAsync(fixture));

        fixture.Time.Advance(TimeSpan.FromMinutes(1)); // epochs are told apart by seconds
        await AdopterTests.AdoptAsync(fixture);
        await fixture.AssertWholeAsync();
        Assert.Equal(1, (await fixture.CollectAsync(TwoDays)).Deleted);
        await fixture.AssertWholeAsync();

        await AdopterTests.RebuildAsync(fixture);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Adopt_TheOtherIndexCollectedWhatThisOneServes_ServesItsEqual()
    {
        await using var fixture = await SentTwiceAsync();
        await CollectorTests.LoseAsync(fixture, async () =>
        {
            await AdopterTests.RebuildAsync(fixture);
            Assert.Equal(1, (await fixture.CollectAsync(TwoDays)).Deleted);
        });

        Assert.Equal(0, (await AdopterTests.AdoptAsync(fixture)).FindingCount);

        await fixture.AssertWholeAsync();
        await fixture.CollectAsync(TwoDays);
        await fixture.AssertWholeAsync();
        await AdopterTests.RebuildAsync(fixture);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Adopt_TheOtherIndexDeletedItsEqual_DeletesIt()
    {
        await using var fixture = await SentTwiceAsync();
        await CollectorTests.LoseAsync(fixture, async () =>
        {
            await AdopterTests.RebuildAsync(fixture);
            await fixture.DeleteAsync(1);
        });

        fixture.Time.Advance(TimeSpan.FromMinutes(1)); // epochs are told apart by seconds
        await AdopterTests.AdoptAsync(fixture);

        await fixture.AssertWholeAsync();
        await AdopterTests.RebuildAsync(fixture);
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Compact_OfAPackWithAnInstanceThatNobodyDecidedAbout_IsLeft()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await CollectorTests.LoseAsync(fixture, () => fixture.StoreAsync(1, seed: 7));
        fixture.Live.Clear();
        await fixture.StoreTogetherAsync(1, 2);
        await fixture.StoreAsync(3);
        var acknowledged = (await fixture.Archive.PacksAsync())[1];
        await AdopterTests.RebuildAsync(fixture);

        var report = await fixture.CompactAsync();
        await fixture.CollectAsync(TwoDays);

        var finding = Assert.Single(report.Findings);
        Assert.Equal((FindingKind.Conflict, acknowledged), (finding.Kind, finding.Object));
        Assert.Contains(acknowledged, await fixture.Archive.PacksAsync());
    }

    // The first request has no answer, and the index did not keep it.
    private static async Task<UpkeepFixture> SentTwiceAsync()
    {
        var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(2);
        await CollectorTests.LoseAsync(fixture, () => fixture.StoreAsync(1));
        await fixture.StoreAsync(1);
        return fixture;
    }
}

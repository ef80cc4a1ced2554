using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Archive.Tests.Simulation;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

/// <summary>Servers whose clocks are two hours wrong, either way, on one archive (F50).</summary>
public sealed class ClockTests
{
    private const string Study = "1.2.3", Series = "1.2.3.1";

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    [Trait("fault", "F50")]
    public async Task Server_WithAClockTwoHoursWrong_StoresCompactsAndCollectsRight(int hours)
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        var index = new FaultyIndex(() => fixture.Archive.Index, new Faults(new Random(1), fixture.Time, static _ => { }));
        var tenantKey = (await fixture.Archive.Index.StateAsync(default)).TenantKey;
        var clock = new SkewedTime(fixture.Time) { Skew = TimeSpan.FromHours(hours) };
        using var journal = new JournalWriter(fixture.Archive.Store, index, tenantKey, clock);
        await using var lanes = new CommitLanes(index, journal, TimeProvider.System);
        var ingest = new Ingest(fixture.Archive.Store, lanes, tenantKey, new IngestOptions(), clock);
        var wrong = new UpkeepArchive(fixture.Archive.Store, index, index, journal, tenantKey, clock, UpkeepFixture.Options with { MinDeleted = 1_000 });
        for (var i = 1; i <= 10; i++)
        {
            // The right one and the wrong one by turns; each is sent what the other has, the same and different.
            await fixture.StoreAsync(i);
            await StoreAsync(fixture, ingest, i + 100, FailureReason.None);
            Assert.Equal(FailureReason.None, await SendAsync(ingest, File(i)));
            Assert.Equal(FailureReason.DuplicateSopInstance, await SendAsync(ingest, File(i, seed: 1)));
            await fixture.StoreAsync(i + 100);
        }
        await fixture.DeleteAsync(1);
        await fixture.DeleteAsync(101);
        await StoreAsync(fixture, ingest, 1, FailureReason.None);
        fixture.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal((1L, 0L), Counts(await new Compactor(wrong).RunAsync(_ => { }, default)));
        for (var run = 0; run < 4; run++)
        {
            fixture.Time.Advance(TimeSpan.FromHours(25));
            Assert.Equal(0, (await new Collector(wrong).RunAsync(_ => { }, default)).FindingCount);
        }
        var lost = await fixture.LostAsync();
        FaultTable.Add("F50", $"a server whose clock is {Math.Abs(hours)} h {(hours < 0 ? "behind" : "ahead")}, beside one that is right", 1, 20, lost, null, "-");
        Assert.Equal(0, lost);
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
        var before = await fixture.Archive.DumpAsync();
        await fixture.CloseAsync();
        Assert.Equal(0, (await ReindexerTests.RebuildAsync(fixture.Folder)).UndecidableCount);
        await fixture.RestartAsync();
        Assert.Equal(before, await fixture.Archive.DumpAsync());
    }

    private static (long Written, long Findings) Counts(UpkeepReport report) => (report.Written, report.FindingCount);

    private static byte[] File(int number, int seed = 0) => Instances.Ct(Study, Series, $"{Series}.{number}", number, seed);

    private static async Task StoreAsync(UpkeepFixture fixture, Ingest ingest, int number, FailureReason expected)
    {
        Assert.Equal(expected, await SendAsync(ingest, File(number)));
        fixture.Live.Add(new InstanceKey(Study, Series, $"{Series}.{number}"), File(number));
    }

    private static async Task<FailureReason> SendAsync(Ingest ingest, byte[] file)
    {
        await using var session = ingest.Open(new IngestSource(Ulid.New(TimeProvider.System), "test", "", "", TimeProvider.System.GetUtcNow()));
        await session.AddAsync(new MemorySource(file), default);
        return (await session.CompleteAsync(default))[0].Failure;
    }
}

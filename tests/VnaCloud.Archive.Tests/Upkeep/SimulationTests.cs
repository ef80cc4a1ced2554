using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

/// <summary>Random operations and deaths; after each pause the archive is what the model says (M1, its beginning).</summary>
public class SimulationTests
{
    private const int Steps = 60, Instances = 6, Studies = 2;

    private static readonly string[] StudyUids = ["1.2.3", "1.2.4"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [Trait("fault", "M1")]
    [MemberData(nameof(Seeds))]
    public async Task RandomOperations_AfterEveryPause_TheModelHolds(int seed)
    {
        var random = new Random(seed);
        await using var fixture = await UpkeepFixture.OpenAsync();
        var deleted = new Dictionary<InstanceKey, (byte[] File, DateTimeOffset At)>();
        for (var step = 1; step <= Steps; step++)
        {
            await StepAsync(fixture, deleted, random);
            if (step % 20 == 0)
            {
                await SettleAsync(fixture);
            }
        }
    }

    private static async Task StepAsync(UpkeepFixture fixture, Dictionary<InstanceKey, (byte[] File, DateTimeOffset At)> deleted, Random random)
    {
        var study = StudyUids[random.Next(Studies)];
        var number = random.Next(1, Instances + 1);
        var key = new InstanceKey(study, study + ".1", $"{study}.1.{number}");
        switch (random.Next(10))
        {
            case < 4:
                await fixture.StoreAsync(number, random.Next(2), study);
                break;
            case 4:
                if (fixture.Live.TryGetValue(key, out var file))
                {
                    await fixture.DeleteAsync(number, study);
                    deleted[key] = (file, fixture.Time.GetUtcNow());
                }
                break;
            case 5:
                await RestoreAsync(fixture, deleted, key);
                break;
            case 6:
                // Killed anywhere, or not at all.
                var at = (UpkeepStep)random.Next(5);
                await SurviveAsync(fixture, () => fixture.CompactAsync((reached, _) => reached == at ? throw new KilledException() : Task.CompletedTask));
                break;
            case 7:
                fixture.Time.Advance(TimeSpan.FromHours(48));
                var dies = random.Next(3) == 0;
                await SurviveAsync(fixture, () => new Collector(fixture.Parts((_, _) => dies ? throw new KilledException() : Task.CompletedTask)).RunAsync(_ => { }, default));
                break;
            case 8:
                Assert.Equal(0, (await new Scrubber(fixture.Parts()).RunAsync(ScrubScope.All, _ => { }, default)).FindingCount);
                break;
            default:
                await DieBeforeCommitAsync(fixture, key, number);
                break;
        }
    }

    private static async Task RestoreAsync(UpkeepFixture fixture, Dictionary<InstanceKey, (byte[] File, DateTimeOffset At)> deleted, InstanceKey key)
    {
        var restored = await fixture.Archive.RestoreAsync(key.StudyUid, key.SeriesUid, key.SopUid);
        if (restored == 1)
        {
            // What was deleted last; within the grace it must be there, later it may.
            fixture.Live.Add(key, deleted[key].File);
        }
        else if (!fixture.Live.ContainsKey(key) && deleted.TryGetValue(key, out var lost))
        {
            Assert.True(fixture.Time.GetUtcNow() - lost.At >= UpkeepFixture.Options.Grace, "A restore within the grace found nothing.");
        }
    }

    // A request that dies when its pack is durable; its sender sends it again at once, as a modality does.
    private static async Task DieBeforeCommitAsync(UpkeepFixture fixture, InstanceKey key, int number)
    {
        var file = fixture.Live.GetValueOrDefault(key) ?? TestKit.Instances.Ct(key.StudyUid, key.SeriesUid, key.SopUid, number);
        using var journal = new JournalWriter(fixture.Archive.Store, fixture.Archive.Index, "x", fixture.Time);
        await using (var lane = new CommitLanes(new DyingIndex(fixture.Archive.Index), journal))
        {
            await using var session = new Ingest(fixture.Archive.Store, lane, (await fixture.Archive.Index.StateAsync(default)).TenantKey, new IngestOptions(), fixture.Time)
                .Open(new IngestSource(Ulid.New(fixture.Time), "test", "", "", fixture.Time.GetUtcNow()));
            await session.AddAsync(new MemorySource(file), default);
            await Assert.ThrowsAsync<KilledException>(() => session.CompleteAsync(default));
        }
        Assert.Equal(FailureReason.None, (await fixture.Archive.StoreAsync(file))[0]);
        fixture.Live.TryAdd(key, file);
    }

    private static async Task SurviveAsync(UpkeepFixture fixture, Func<Task<UpkeepReport>> run)
    {
        try
        {
            Assert.Equal(0, (await run()).FindingCount);
        }
        catch (KilledException)
        {
            await fixture.RestartAsync();
        }
    }

    private static async Task SettleAsync(UpkeepFixture fixture)
    {
        await fixture.AssertWholeAsync();
        await fixture.CompactAsync();
        for (var i = 0; i < 2; i++)
        {
            var report = await fixture.CollectAsync(TimeSpan.FromHours(49), UpkeepFixture.Options with { MinDeleted = 1000 });
            Assert.Equal((0L, 0L), (report.Adopted, report.FindingCount));
        }
        await fixture.AssertWholeAsync();
        await fixture.AssertNoOrphansAsync();
        var before = await fixture.Archive.DumpAsync();
        await fixture.CloseAsync();
        Assert.Equal(0, (await ReindexerTests.RebuildAsync(fixture.Folder)).UndecidableCount);
        await fixture.RestartAsync();
        Assert.Equal(before, await fixture.Archive.DumpAsync());
    }

    /// <summary>An index whose process dies before it commits.</summary>
    private sealed class DyingIndex(IArchiveIndex inner) : IArchiveIndex
    {
        public Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation) => throw new KilledException();

        public Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation) => inner.DecideAsync(request, cancellation);

        public Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation) =>
            inner.LocateAsync(tenant, studyUid, seriesUid, sopUid, cancellation);

        public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation) => inner.SearchAsync(request, cancellation);

        public Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation) =>
            inner.OutboxAsync(tenant, written, limit, cancellation);

        public Task<IndexState> StateAsync(CancellationToken cancellation) => inner.StateAsync(cancellation);
    }
}

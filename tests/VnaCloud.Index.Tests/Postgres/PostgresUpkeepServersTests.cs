using VnaCloud.Archive;
using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Postgres;

/// <summary>Upkeep by one server beside others.</summary>
public sealed class PostgresUpkeepServersTests
{
    public PostgresUpkeepServersTests() => PostgresHarness.SkipInFast();

    [Fact]
    public async Task Swap_OfAStudyThatAnotherServerKeepsInMemory_IsSeenThere()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var other = await harness.ConnectAsync();
        await harness.StoreAsync([.. Enumerable.Range(1, 40).Select(static i => Sample.Member(Sample.Key(1, 1, i)))]);
        async Task<StudyView> ViewAsync() => (await other.LocateAsync(Sample.Tenant, "1.2.3.1", null, null, default))!;
        var (first, again) = (await ViewAsync(), await ViewAsync());
        Assert.Same(first, again);

        var swap = await SwapAsync(harness);
        Assert.True(await harness.Upkeep.ApplyAsync(swap, default));

        var moved = await ViewAsync();
        Assert.Equal(first.Version, moved.Version);
        Assert.All(moved.Instances, entry => Assert.Equal(swap.Into!.PackKey, entry.Data.PackKey));
        Assert.Same(moved, await ViewAsync());
    }

    [Fact]
    public async Task Swap_BesideCommitsAndDeletesOfItsStudy_LosesNothing()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var other = await harness.ConnectAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1, 1, 1)));
        var packs = Enumerable.Range(2, 40).Select(i => Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(1, 1, i)))).ToList();
        var swaps = Task.Run(async () =>
        {
            var done = 0;
            for (var i = 0; i < 30; i++)
            {
                done += await harness.Upkeep.ApplyAsync(await SwapAsync(harness), default) ? 1 : 0;
            }
            return done;
        });
        foreach (var pack in packs)
        {
            await other.CommitAsync([pack], default);
            await other.DecideAsync(new DecisionRequest(Sample.Tenant, DecisionKind.Delete, "1.2.3.1", "1.2.3.1.1", pack.Members[0].Entry.Key.SopUid), default);
            await other.DecideAsync(new DecisionRequest(Sample.Tenant, DecisionKind.Restore, "1.2.3.1", "1.2.3.1.1", pack.Members[0].Entry.Key.SopUid), default);
        }
        await swaps;
        Assert.True(await harness.Upkeep.ApplyAsync(await SwapAsync(harness), default));

        Assert.Equal(41, (await harness.LocateAsync("1.2.3.1"))!.Instances.Count);
        Assert.Equal(1, (await harness.Index.StateAsync(default)).Packs);
        Assert.Equal(["1"], await harness.RowsAsync("SELECT count(*) FROM pack"));
        await harness.SettleAsync();
        var changes = (await harness.Upkeep.ChangesAsync(Sample.Tenant, null, 1_000, default)).Changes;
        Assert.Equal(1 + 3 * packs.Count, changes.Count);
    }

    [Fact]
    public async Task Changes_ReadWhileTwoServersCommit_ComeOnceAndInOrder()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        await using var other = await harness.ConnectAsync();
        var packs = Enumerable.Range(1, 100).Select(i => Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(i)))).ToList();
        var commits = Task.WhenAll(packs.Select((pack, i) => Task.Run(() => (i % 2 == 0 ? harness.Index : other).CommitAsync([pack], default))));
        var (seen, position) = (new List<Change>(), (ChangePosition?)null);
        while (true)
        {
            var isLast = commits.IsCompleted && !await harness.HasUnnumberedAsync();
            var page = await (seen.Count % 2 == 0 ? harness.Upkeep : other).ChangesAsync(Sample.Tenant, position, 7, default);
            Assert.False(page.IsOtherEpoch);
            seen.AddRange(page.Changes);
            position = new ChangePosition(page.Epoch, page.Changes is [.., var last] ? last.Sequence : position?.Sequence ?? 0);
            if (isLast && page.Changes.Count == 0)
            {
                break;
            }
        }
        await commits;

        Assert.Equal(100, seen.Select(change => change.Key).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 100).Select(static i => (long)i), seen.Select(change => change.Sequence));
    }

    // All that the study has into one new pack.
    private static async Task<UpkeepChange.PackSwap> SwapAsync(PostgresHarness harness)
    {
        var arrivals = await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [], default);
        var old = arrivals.Select(arrival => arrival.Entry.Data.PackKey).Distinct().ToList();
        var pack = Ulid.New(harness.Time);
        var key = $"t/x/packs/{pack}.tar";
        return new UpkeepChange.PackSwap
        {
            Tenant = Sample.Tenant,
            StudyUid = "1.2.3.1",
            From = old,
            Retired = old,
            Keep = TimeSpan.FromHours(24),
            Into = new PackCommit
            {
                Tenant = Sample.Tenant,
                Pack = pack,
                PackKey = key,
                PackLength = 200_000,
                StudyUid = "1.2.3.1",
                Members = [.. arrivals.Select((arrival, i) => Sample.Member(arrival.Entry.Key) with
                {
                    Entry = arrival.Entry with
                    {
                        Data = arrival.Entry.Data with { PackKey = key, Offset = 512 + 5_000 * i },
                        Metadata = arrival.Entry.Metadata with { PackKey = key, Offset = 100_000 + i },
                    },
                })],
                Source = new IngestSource(pack, "compaction", "", "", harness.Time.GetUtcNow()),
            },
        };
    }
}

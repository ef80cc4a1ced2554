using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>Moving arrivals from packs to another, of any provider.</summary>
public abstract class SwapContract
{
    protected abstract Task<IndexHarness> OpenAsync();

    [Fact]
    public async Task Swap_OfTwoPacksIntoOne_MovesPlacesAndNothingElse()
    {
        await using var harness = await FilledAsync();
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");
        await harness.SettleAsync();
        var (view, changes) = ((await harness.LocateAsync("1.2.3.1"))!, (await harness.Upkeep.UpkeepAsync(0, default)).Sequence);
        var old = await OldAsync(harness);
        var swap = await SwapAsync(harness);

        Assert.True(await harness.Upkeep.ApplyAsync(swap, default));

        var after = (await harness.LocateAsync("1.2.3.1"))!;
        Assert.Equal(view.Version, after.Version);
        Assert.Equal(view.Instances.Select(entry => (entry.Key, entry.Origin, entry.FileDigest, entry.Data.Length)), after.Instances.Select(entry => (entry.Key, entry.Origin, entry.FileDigest, entry.Data.Length)));
        Assert.All(after.Instances, entry => Assert.Equal((swap.Into!.PackKey, swap.Into.PackKey), (entry.Data.PackKey, entry.Metadata.PackKey)));
        Assert.Equal(changes, (await harness.Upkeep.UpkeepAsync(0, default)).Sequence);
        var state = await harness.Upkeep.UpkeepAsync(0, default);
        Assert.Equal((2L, harness.Time.GetUtcNow() + TimeSpan.FromHours(24)), state.Retired);
        Assert.Equal(2, (await harness.Index.StateAsync(default)).Packs); // the new one, and the other study's
        // A deleted instance is restored from where it is now.
        await harness.RestoreAsync("1.2.3.1");
        Assert.All((await harness.LocateAsync("1.2.3.1"))!.Instances, entry => Assert.Equal(swap.Into!.PackKey, entry.Data.PackKey));
        Assert.Empty(await harness.Upkeep.PacksAsync(new PackSelection.Retired(10), default));
        harness.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(old, (await harness.Upkeep.PacksAsync(new PackSelection.Retired(10), default)).Select(pack => pack.Key).Order(StringComparer.Ordinal));
        Assert.All(await harness.Upkeep.PacksAsync(new PackSelection.ByKeys(Sample.Tenant, old), default), pack => Assert.NotNull(pack.NotBefore));
        Assert.True(await harness.Upkeep.ApplyAsync(new UpkeepChange.Collected(Sample.Tenant, old), default));
        Assert.Empty(await harness.Upkeep.PacksAsync(new PackSelection.ByKeys(Sample.Tenant, old), default));
    }

    [Theory]
    [InlineData("moved")]
    [InlineData("left")]
    [InlineData("restored")]
    [InlineData("fence")]
    public async Task Swap_ThatIsStale_IsRefusedAndChangesNothing(string why)
    {
        await using var harness = await FilledAsync();
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");
        var swap = await SwapAsync(harness);
        switch (why)
        {
            case "moved":
                Assert.True(await harness.Upkeep.ApplyAsync(await SwapAsync(harness), default));
                break;
            case "left":
                swap = swap with { Into = swap.Into! with { Members = [.. swap.Into!.Members.Skip(1)] } };
                break;
            case "restored":
                var deleted = (await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [], default)).Single(arrival => arrival.DeletedAt is not null);
                swap = swap with { Into = swap.Into! with { Members = [.. swap.Into!.Members.Where(member => member.Entry.Origin != deleted.Entry.Origin)] }, Forgotten = [deleted] };
                await harness.RestoreAsync("1.2.3.1");
                break;
            default:
                harness.Time.Advance(TimeSpan.FromHours(7));
                break;
        }
        var before = await harness.DumpAsync();
        Assert.False(await harness.Upkeep.ApplyAsync(swap, default));
        Assert.Equal(before, await harness.DumpAsync());
    }

    [Fact]
    public async Task Swap_Forgetting_LeavesNothingToRestore()
    {
        await using var harness = await FilledAsync();
        await harness.DeleteAsync("1.2.3.1");
        var arrivals = await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [], default);
        var old = await OldAsync(harness);
        Assert.True(await harness.Upkeep.ApplyAsync(new UpkeepChange.PackSwap
        {
            Tenant = Sample.Tenant, StudyUid = "1.2.3.1", From = old, Retired = old, Forgotten = arrivals, Keep = TimeSpan.Zero,
        }, default));
        Assert.Equal(0, await harness.RestoreAsync("1.2.3.1"));
        Assert.Empty(await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [], default));
        Assert.Equal(1, (await harness.Index.StateAsync(default)).Packs);
        // Stored again it is as new.
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        Assert.NotNull(await harness.LocateAsync("1.2.3.1"));
    }

    [Fact]
    public async Task Arrivals_OfSomeInstances_AreLiveAndDeletedOnesOfThem()
    {
        await using var harness = await FilledAsync();
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");
        await harness.StoreAsync(Sample.Member(Sample.Key(1, instance: 2), content: "other"));
        var arrivals = await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [Sample.Key(1, instance: 2), Sample.Key(1, instance: 9)], default);
        Assert.Equal([false, true], arrivals.Select(arrival => arrival.DeletedAt is not null).Order());
        Assert.All(arrivals, arrival => Assert.Equal("1.2.3.1.1.2", arrival.Entry.Key.SopUid));
        Assert.Equal(4, (await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [], default)).Count);
        Assert.Empty(await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.7", [], default));
    }

    // Three instances of study 1 in two packs, and another study.
    private async Task<IndexHarness> FilledAsync()
    {
        var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, instance: 2)));
        await harness.StoreAsync(Sample.Member(Sample.Key(1, instance: 3)));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        return harness;
    }

    private static async Task<List<string>> OldAsync(IndexHarness harness) =>
        [.. (await harness.Upkeep.PacksAsync(new PackSelection.ByOrder(Sample.Tenant, "", 10), default)).Where(pack => pack.StudyUid == "1.2.3.1").Select(pack => pack.Key)];

    private static async Task<UpkeepChange.PackSwap> SwapAsync(IndexHarness harness)
    {
        var old = await OldAsync(harness);
        var (pack, key) = (Ulid.New(harness.Time.Tick()), $"t/x/packs/{Ulid.New(harness.Time)}.tar");
        var members = (await harness.Upkeep.ArrivalsAsync(Sample.Tenant, "1.2.3.1", [], default)).Select((arrival, i) => Sample.Member(arrival.Entry.Key) with
        {
            Entry = arrival.Entry with
            {
                Data = arrival.Entry.Data with { PackKey = key, Offset = 512 + 5_000 * i },
                Metadata = arrival.Entry.Metadata with { PackKey = key, Offset = 100_000 + i },
                Frames = arrival.Entry.Frames with { TableOffset = i },
            },
        }).ToList();
        return new UpkeepChange.PackSwap
        {
            Tenant = Sample.Tenant,
            StudyUid = "1.2.3.1",
            From = old,
            Retired = old,
            Keep = TimeSpan.FromHours(24),
            Into = new PackCommit
            {
                Tenant = Sample.Tenant, Pack = pack, PackKey = key, PackLength = 200_000, StudyUid = "1.2.3.1", Members = members,
                Source = new IngestSource(pack, "compaction", "", "", harness.Time.GetUtcNow()),
            },
        };
    }
}

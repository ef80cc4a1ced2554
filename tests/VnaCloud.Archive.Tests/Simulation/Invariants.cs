using VnaCloud.Archive.Tests.Maintenance;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>What must hold after each step, and after each pause.</summary>
internal sealed class Invariants(World world)
{
    private static readonly TimeSpan TwoDays = TimeSpan.FromHours(49);

    private bool IsContested => world.Model.Entries.Any(entry => entry.IsContested);

    /// <summary>What is visible is what may be, by the digests of the index's rows; counts agree with it.</summary>
    public async Task LookAsync()
    {
        var seen = await RowsAsync();
        foreach (var row in seen.Values)
        {
            _ = world.Model.Of(row.Key);
        }
        foreach (var entry in world.Model.Entries)
        {
            entry.See(seen.TryGetValue(entry.Key, out var row) ? entry.Files.VariantOf(row.FileDigest) : SimulatedFiles.Absent, world.WasRebuilt);
        }
        world.WasRebuilt = false;
        var state = await world.Index.StateAsync(default);
        Assert.Equal(
            (seen.Keys.Select(key => key.StudyUid).Distinct().Count(), seen.Keys.Select(key => key.SeriesUid).Distinct().Count(), seen.Count),
            (state.Studies, state.Series, state.Instances));
    }

    /// <summary>P1 to P6, with everything still.</summary>
    public async Task PauseAsync()
    {
        world.Counts.Pauses++;
        world.Clock.Skew = TimeSpan.Zero;
        await world.RestartAsync();
        await world.Process.Journal.FlushAsync(TenantId.Default, default);
        world.Model.Journalled();
        await LookAsync();
        await TidyAsync();
        await RequireFeedAsync();
        await SendAgainAsync();
        await TidyAsync();
        await RequireBytesAsync();
        await RequireNoLeaksAsync();
        await RequireSoundAsync();
        await RequireRebuildableAsync();
    }

    // What nobody refers to is gone after two days, however it came to be.
    private async Task TidyAsync()
    {
        for (var run = 0; run < 2; run++)
        {
            world.Time.Advance(TwoDays);
            Require(await new Compactor(world.Process.Upkeep).RunAsync(_ => { }, default));
            var collected = await new Collector(world.Process.Upkeep).RunAsync(_ => { }, default);
            Require(collected);
            Assert.True(run == 0 || collected.Adopted == 0, "The second collection adopted something.");
            await LookAsync();
        }
        world.Time.Advance(TwoDays);
        Require(await new Collector(world.Process.Upkeep).RunAsync(_ => { }, default));
        await LookAsync();
        var left = await LeftAsync();
        foreach (var entry in world.Model.Entries.Where(entry => !left.Contains(entry.Key)))
        {
            entry.Collected();
        }
    }

    // Instances of arrivals that are in the store, in no row, and undecided: in packs that stay for the sake of others in them.
    private async Task<HashSet<InstanceKey>> LeftAsync()
    {
        var journal = await JournalReader.ReadAsync(world.Store, Rebuild.TenantKey, default);
        var rows = await world.Index.InstancesAsync(default).Select(row => row.Origin).ToHashSetAsync();
        var left = new HashSet<InstanceKey>();
        await foreach (var key in world.Store.ListAsync(PackFormat.PackPrefix(Rebuild.TenantKey), default))
        {
            var members = (await PackReader.ReadAsync(world.Store, key, TenantId.Default, default)).Commit.Members.Select(member => member.Entry);
            left.UnionWith(members.Where(entry => !rows.Contains(entry.Origin) && journal.Of(entry.Origin) is null).Select(entry => entry.Key));
        }
        return left;
    }

    // P3: everything that is visible, sent again, succeeds and changes nothing.
    private async Task SendAgainAsync()
    {
        foreach (var study in world.Model.Entries.Where(entry => entry.IsVisible && !entry.IsContested).GroupBy(entry => entry.Key.StudyUid))
        {
            await new ClientOperations(world).StoreAsync([.. study.Select(entry => (entry, entry.Current ^ 1))]);
            await new ClientOperations(world).StoreAsync([.. study.Select(entry => (entry, entry.Current))]);
        }
        await LookAsync();
    }

    // P1 and P4: every byte of every visible instance.
    private async Task RequireBytesAsync()
    {
        foreach (var row in (await RowsAsync()).Values)
        {
            var bytes = new byte[row.Data.Length];
            Assert.Equal(bytes.Length, await world.Store.ReadAsync(row.Data.PackKey, row.Data.Offset, bytes, default));
            var entry = world.Model.Of(row.Key);
            Assert.True(bytes.AsSpan().SequenceEqual(entry.Files[entry.Current]), $"{entry}: other bytes are stored.");
        }
    }

    // P5: the store has the packs that the index refers to, and no other.
    private async Task RequireNoLeaksAsync()
    {
        var stored = await world.Store.ListAsync(PackFormat.PackPrefix(Rebuild.TenantKey), default).ToListAsync();
        var referenced = await world.Index.PacksAsync(default).Select(pack => pack.Key).ToListAsync();
        Assert.Empty(referenced.Except(stored));
        Assert.Equal(0, (await world.Index.UpkeepAsync(0, default)).Retired.Count);
        foreach (var key in stored.Except(referenced))
        {
            var pack = await PackReader.ReadAsync(world.Store, key, TenantId.Default, default);
            Assert.True(pack.Commit.Members.Any(member => world.Model.Of(member.Entry.Key).IsContested), $"{key} is nobody's.");
        }
    }

    private async Task RequireSoundAsync()
    {
        Require(await new Scrubber(world.Process.Upkeep).RunAsync(ScrubScope.All, _ => { }, default));
        Require(await new Reconciler(world.Process.Upkeep).RunAsync(_ => { }, default));
        Assert.Empty((await world.Index.UpkeepAsync(10, default)).Quarantined);
        var verified = await new Verifier(world.Store, Rebuild.TenantKey).RunAsync(
            () => new IndexListing(world.Index.InstancesAsync(default), world.Index.PacksAsync(default).Select(pack => (pack.Key, pack.Length))), _ => { }, default);
        Assert.Empty(verified.Findings);
    }

    // P6: the index is what the store makes of it.
    private async Task RequireRebuildableAsync()
    {
        var before = await IndexDump.OfAsync(world.Index);
        await world.Process.DisposeAsync();
        var report = await world.Simulated.RebuildAsync(new Rebuild(world.Store, world.Faults, world.Time));
        await world.StartAsync();
        Assert.True(report!.Undecidable.All(pair => world.Model.Of(pair.Key).IsContested), "The rebuild could not decide about what is decided.");
        if (!IsContested)
        {
            world.Counts.Compared++;
            Assert.Equal(before, await IndexDump.OfAsync(world.Index));
        }
        world.WasRebuilt = true;
        await LookAsync();
        await world.Process.Journal.FlushAsync(TenantId.Default, default);
    }

    private async Task RequireFeedAsync()
    {
        world.Counts.Changes += await world.Consumer.ReadAsync(world.Index, 7, Visible);
        world.Consumer.RequireSame(Visible());
    }

    private IEnumerable<InstanceKey> Visible() => world.Model.Entries.Where(entry => entry.IsVisible).Select(entry => entry.Key);

    private async Task<Dictionary<InstanceKey, InstanceEntry>> RowsAsync() => await world.Index.InstancesAsync(default).ToDictionaryAsync(row => row.Key);

    private void Require(UpkeepReport report)
    {
        Assert.Null(report.Off);
        Assert.True(report.FindingCount == 0 || (IsContested && report.Findings.All(finding => finding.Kind == FindingKind.Conflict)), string.Join('\n', report.Findings));
    }
}

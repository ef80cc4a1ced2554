using VnaCloud.Archive.Tests.Upkeep;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>What the archive does by itself, and what its operator does when the index is lost.</summary>
internal sealed class UpkeepOperations(World world)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(11);

    private readonly Random _random = world.Random;

    private UpkeepArchive Parts => world.Process.Upkeep;

    public async Task AnyAsync(int kind)
    {
        switch (kind)
        {
            case < 14:
                world.Log("  compact");
                world.Time.Advance(Quiet);
                await CompactAsync();
                break;
            case < 20:
                world.Log("  collect");
                world.Time.Advance(TimeSpan.FromHours(_random.Next(60)));
                await CollectAsync();
                break;
            case < 24:
                world.Log("  scrub");
                await ExpectNothingAsync(token => new Scrubber(Parts).RunAsync(_random.Next(2) == 0 ? ScrubScope.All : ScrubScope.Due, _ => { }, token));
                break;
            case < 28:
                world.Log("  reconcile");
                await ExpectNothingAsync(token => new Reconciler(Parts).RunAsync(_ => { }, token));
                break;
            default:
                world.Log("  checkpoint");
                await new ArchivePosition(Parts).CheckpointAsync(default);
                break;
        }
    }

    /// <summary>A second server that does not know of the first one's lease.</summary>
    public async Task OfAnotherServerAsync()
    {
        if (_random.Next(2) == 0)
        {
            world.Log("  compact, another server");
            world.Time.Advance(Quiet);
            await CompactAsync();
        }
        else
        {
            world.Log("  collect, another server");
            await CollectAsync();
        }
    }

    /// <summary>Backups, and the index lost and brought back.</summary>
    public async Task LoseIndexAsync(int kind)
    {
        world.Time.Advance(Quiet); // epochs are told apart by seconds
        switch (kind)
        {
            case < 2:
                world.Log("  backup of the index");
                await world.Simulated.BackupAsync();
                return;
            case < 4:
                world.Log("  index restored from its backup");
                await AdoptAsync();
                return;
            default:
                world.Log("  reindex");
                await RebuildAsync();
                return;
        }
    }

    private async Task CompactAsync() => world.Counts.Compacted += await ExpectNothingAsync(token => new Compactor(Parts).RunAsync(_ => { }, token));

    private async Task CollectAsync() => world.Counts.Collected += await ExpectNothingAsync(token => new Collector(Parts).RunAsync(_ => { }, token));

    // Alarms where nothing is wrong are wrong. Gives what was written or deleted.
    private async Task<long> ExpectNothingAsync(Func<CancellationToken, Task<UpkeepReport>> run)
    {
        var before = world.Faults.Injected;
        var report = await run(default);
        if (world.Faults.Injected == before)
        {
            Assert.Null(report.Off);
            Assert.True(report.Findings.All(finding => finding.Kind == FindingKind.Conflict && world.Model.Entries.Any(entry => entry.IsContested)),
                string.Join('\n', report.Findings));
        }
        return report.Written + report.Deleted;
    }

    private async Task RebuildAsync()
    {
        await world.Process.DisposeAsync();
        world.Faults.Revive();
        world.Faults.Plan();
        try
        {
            if (await world.Simulated.RebuildAsync(new Rebuild(new FaultyStore(world.Store, world.Faults), world.Faults, world.Time)) is not null)
            {
                world.Counts.Rebuilds++;
                world.WasRebuilt = true;
            }
        }
        finally
        {
            await world.StartAsync();
        }
    }

    // Nobody is served before it is done: stopped half way, it is run again.
    private async Task AdoptAsync()
    {
        await world.Process.DisposeAsync();
        if (!await world.Simulated.RestoreAsync())
        {
            await world.StartAsync();
            return;
        }
        (world.WasRebuilt, world.Counts.Adoptions) = (true, world.Counts.Adoptions + 1);
        await world.StartAsync();
        world.Faults.Plan();
        try
        {
            await new Adopter(Parts, world.Process.Index.AdoptDeletedAsync).RunAsync(_ => { }, default);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or KilledException)
        {
            await world.RestartAsync();
        }
        world.Faults.Stop();
        // Whatever it could not see in a bad moment it sees now.
        await new Adopter(Parts, world.Process.Index.AdoptDeletedAsync).RunAsync(_ => { }, default);
        Assert.Null(await new ArchivePosition(Parts).WhyOffAsync(default));
    }
}

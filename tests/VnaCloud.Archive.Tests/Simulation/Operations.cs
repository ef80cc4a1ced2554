using VnaCloud.Archive.Tests.Upkeep;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>Chooses what happens next: mostly what clients do, now and then a job of upkeep, a trouble, or the loss of the index.</summary>
internal sealed class Operations(World world, Invariants invariants)
{
    private readonly ClientOperations _clients = new(world);
    private readonly UpkeepOperations _jobs = new(world);

    /// <summary>One step.</summary>
    public async Task AnyAsync()
    {
        var kind = world.Random.Next(200);
        if (kind < 148)
        {
            world.Faults.Plan();
            await _clients.AnyAsync(kind);
        }
        else if (kind < 186)
        {
            world.Faults.Plan(MeanwhileAsync);
            await _jobs.AnyAsync(kind - 148);
        }
        else if (kind < 192)
        {
            // A server whose clock is up to two hours wrong (F50), or a machine that slept.
            world.Clock.Skew = TimeSpan.FromMinutes(world.Random.Next(3) == 0 ? 0 : world.Random.Next(-120, 121));
            world.Time.Advance(TimeSpan.FromMinutes(world.Random.Next(4) == 0 ? world.Random.Next(3_000) : world.Random.Next(30)));
            world.Log($"  clock: {world.Time.GetUtcNow():o}, skew {world.Clock.Skew}");
        }
        else if (kind < 195)
        {
            world.Log("  killed");
            throw new KilledException();
        }
        else
        {
            await _jobs.LoseIndexAsync(kind - 195);
        }
    }

    // Another server, or a client, between two calls of a job.
    private async Task MeanwhileAsync()
    {
        await invariants.LookAsync();
        try
        {
            if (world.Random.Next(4) == 0)
            {
                await _jobs.OfAnotherServerAsync();
            }
            else
            {
                world.Faults.Plan();
                await _clients.AnyAsync(world.Random.Next(148));
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            world.Log($"    failed: {failure.GetType().Name}");
        }
        world.Faults.Stop();
        await invariants.LookAsync();
    }
}

using VnaCloud.Archive.Tests.Maintenance;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>What outlives a process, and the process that lives now.</summary>
internal sealed class World(Random random, ISimulatedIndex index, IObjectStore store, RisingTime time, Action<string> log) : IAsyncDisposable
{
    public Random Random => random;

    /// <summary>
    /// Whether requests with conflicting content may fail. What they leave in the store nobody can decide about, so that this archive is not
    /// compared with a rebuilt one any more: one seed in four.
    /// </summary>
    public bool MayContest { get; } = random.Next(4) == 0;

    public ISimulatedIndex Simulated => index;

    /// <summary>The index without faults, as one who looks.</summary>
    public Index.IRebuildableIndex Index => index.Index;

    /// <summary>The store without faults.</summary>
    public IObjectStore Store => store;

    /// <summary>The database's clock.</summary>
    public RisingTime Time => time;

    /// <summary>The server's.</summary>
    public SkewedTime Clock { get; } = new(time);

    public Faults Faults { get; } = new(random, time, log);

    public Model Model { get; } = new(random);

    public ChangeConsumer Consumer { get; } = new();

    public SimulationCounts Counts { get; } = new();

    public SimulatedProcess Process { get; private set; } = null!;

    /// <summary>The index was lost and made again since the last look.</summary>
    public bool WasRebuilt { get; set; }

    public void Log(string line) => log(line);

    /// <summary>Starts the process.</summary>
    public async Task StartAsync()
    {
        Faults.Revive();
        Process = new SimulatedProcess(new FaultyStore(store, Faults), new FaultyIndex(() => index.Index, Faults), Clock);
        Assert.Null(await ArchiveIdentity.JoinAsync(store, await Index.StateAsync(default), default));
        await new ArchivePosition(Process.Upkeep).BeginAsync(default);
    }

    /// <summary>As a supervisor does after a death. The index is closed and opened now and then: most of what it has in memory is the database's.</summary>
    public async Task RestartAsync()
    {
        await Process.DisposeAsync();
        if (random.Next(4) == 0)
        {
            await index.ReopenAsync();
        }
        await StartAsync();
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}

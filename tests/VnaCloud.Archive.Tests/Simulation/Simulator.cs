using System.Diagnostics;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Archive.Tests.Upkeep;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>
/// Random operations on one archive, with faults in the store, the index and the clock, and with deaths of the process anywhere. After each step
/// what is visible is what the model says; after each pause everything holds (checklist reliability, P1 to P6).
/// </summary>
internal sealed class Simulator : IAsyncDisposable
{
    /// <summary>Steps between two pauses.</summary>
    public const int Pause = 200;

    private readonly List<string> _log = [];
    private readonly ISimulatedIndex _index;
    private readonly World _world;
    private readonly Operations _operations;
    private readonly Invariants _invariants;

    private Simulator(int seed, ISimulatedIndex index, IObjectStore store, RisingTime time)
    {
        (Seed, _index) = (seed, index);
        var random = new Random(seed);
        _world = new World(random, index, store, time, _log.Add);
        _invariants = new Invariants(_world);
        _operations = new Operations(_world, _invariants);
    }

    public int Seed { get; }

    public SimulationCounts Counts => _world.Counts;

    /// <summary>What was done so far, a line for each step and fault.</summary>
    public IReadOnlyList<string> Log => _log;

    public static async Task<Simulator> OpenAsync(int seed, ISimulatedIndex index, IObjectStore store, RisingTime time)
    {
        var simulator = new Simulator(seed, index, store, time);
        await simulator._world.StartAsync();
        return simulator;
    }

    /// <summary>Runs; a failure names seed, steps and faults.</summary>
    public async Task RunAsync(int steps)
    {
        try
        {
            for (var step = 1; step <= steps; step++)
            {
                await StepAsync(step);
                if (step % Pause == 0)
                {
                    _log.Add("  pause");
                    var begun = Stopwatch.GetTimestamp();
                    await _invariants.PauseAsync();
                    Counts.Took("pause", Stopwatch.GetElapsedTime(begun));
                }
            }
        }
        catch (Exception failure)
        {
            throw new SimulationFailedException($"VNA_FAULT_SEED={Seed}, {_index.GetType().Name}: {failure.Message}\n{string.Join('\n', _log.TakeLast(2_000))}", failure);
        }
        foreach (var (fault, count) in _world.Faults.Counts)
        {
            Counts.Faults[fault] = count;
        }
        Counts.Contested = _world.Model.Entries.Count(entry => entry.IsContested);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _index.DisposeAsync();
    }

    private async Task StepAsync(int step)
    {
        Counts.Steps++;
        var (begun, line) = (Stopwatch.GetTimestamp(), _log.Count + 1);
        var before = _world.Faults.Injected;
        _log.Add($"{step}:");
        try
        {
            await _operations.AnyAsync();
        }
        catch (KilledException)
        {
            Counts.Deaths++;
            await _world.RestartAsync();
        }
        catch (Exception failure) when (_world.Faults.Injected > before && failure is IOException or InvalidDataException)
        {
            _log.Add($"    failed: {failure.GetType().Name}");
        }
        _world.Faults.Stop();
        var done = Stopwatch.GetTimestamp();
        Counts.Took(_log.Count > line ? _log[line].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0] : "", Stopwatch.GetElapsedTime(begun, done));
        await _invariants.LookAsync();
        Counts.Took("look", Stopwatch.GetElapsedTime(done));
    }
}

/// <summary>What was promised does not hold; the message replays it.</summary>
internal sealed class SimulationFailedException(string message, Exception inner) : Exception(message, inner);

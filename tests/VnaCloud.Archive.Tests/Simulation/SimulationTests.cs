using System.Collections.Concurrent;
using System.Globalization;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Storage;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>
/// M1 on SQLite: nine seeds in ten on a store in memory, the tenth on a folder. VNA_FAULT_SEED runs one seed alone.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly int Steps = TestLength.Of(fast: 1_200, normal: 96_000, full: 900_000);

    [Fact]
    [Trait("fault", "M1")]
    public Task RandomOperations_OnSqlite_TheModelHolds() => SimulationRun.RunAsync(output, "SQLite", Steps, Environment.ProcessorCount, OpenAsync);

    [Fact]
    public async Task Seed_RunTwice_TakesTheSameSteps()
    {
        const int seed = 4711, steps = 300;
        var logs = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var simulator = (await OpenAsync(seed))!;
            await simulator.RunAsync(steps);
            // Names of packs and journal objects are random, but for their times.
            logs.Add(string.Join('\n', simulator.Log.Select(static line => line.Split(" t/")[0])));
        }
        Assert.Equal(logs[0], logs[1]);
    }

    private static async Task<Simulator?> OpenAsync(int seed)
    {
        var time = new RisingTime(Rebuild.Start);
        var index = await SqliteSimulatedIndex.OpenAsync(time);
        IObjectStore store = seed % 10 == 0 ? new FolderObjectStore(Path.Combine(index.Folder, "objects"), time) : new MemoryObjectStore();
        return await Simulator.OpenAsync(seed, index, store, time);
    }
}

/// <summary>M1 on PostgreSQL: the same operations and the same model, on a tenth of the steps.</summary>
public sealed class PostgresSimulationTests(ITestOutputHelper output)
{
    private static readonly int Steps = TestLength.Of(fast: 400, normal: 4_000, full: 100_000);

    [Fact]
    [Trait("fault", "M1")]
    public Task RandomOperations_OnPostgres_TheModelHolds() => SimulationRun.RunAsync(output, "PostgreSQL", Steps, 1, async seed =>
    {
        var time = new RisingTime(Rebuild.Start);
        var index = await PostgresSimulatedIndex.OpenAsync(time);
        return index is null ? null : await Simulator.OpenAsync(seed, index, new MemoryObjectStore(), time);
    });
}

/// <summary>Runs seed after seed, counts, and judges.</summary>
internal static class SimulationRun
{
    public const string Variable = "VNA_FAULT_SEED";

    private const int StepsOfASeed = 400;

    // The same seeds for the same code wherever it is tested; the long run is there to find others.
    private const int FirstSeed = 2026;

    public static async Task RunAsync(ITestOutputHelper output, string index, int steps, int atOnce, Func<int, Task<Simulator?>> open)
    {
        var given = Environment.GetEnvironmentVariable(Variable);
        var first = given is null ? TestLength.Of(normal: FirstSeed, full: Random.Shared.Next(1, 1_000_000_000)) : int.Parse(given, CultureInfo.InvariantCulture);
        var seeds = Enumerable.Range(first, given is null ? Math.Max(1, steps / StepsOfASeed) : 1);
        var (done, failures) = (new ConcurrentBag<SimulationCounts>(), new ConcurrentBag<SimulationFailedException>());
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (seed, _) =>
        {
            await using var simulator = await open(seed);
            Assert.SkipWhen(simulator is null, PostgresServer.Missing);
            try
            {
                await simulator.RunAsync(StepsOfASeed);
            }
            catch (SimulationFailedException failure)
            {
                failures.Add(failure);
            }
            done.Add(simulator.Counts);
        });
        var total = Total(done);
        output.WriteLine($"{index}, seeds {first} to {seeds.Last()} ({Variable} runs one of them): {total}");
        FaultTable.Add("M1", $"simulated faults of store, index and clock, and deaths, {index}", total.Faults.Values.Sum(), total.Acknowledged, failures.Count, null, $"{first}");
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures.Take(3).Select(failure => failure.Message)));
    }

    private static SimulationCounts Total(IEnumerable<SimulationCounts> counts)
    {
        var total = new SimulationCounts();
        foreach (var one in counts)
        {
            total.Add(one);
        }
        return total;
    }
}

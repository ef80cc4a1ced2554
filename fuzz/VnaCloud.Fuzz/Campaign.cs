using System.Diagnostics;

namespace VnaCloud.Fuzz;

/// <summary>What a case did wrong.</summary>
/// <param name="Case">Its number, for --case.</param>
/// <param name="Target">The target.</param>
/// <param name="Problem">What happened.</param>
internal sealed record Finding(long Case, string Target, string Problem);

/// <summary>Cases numbered from 0: seed and number say everything about one, so that it can be run again alone.</summary>
internal sealed class Campaign(int seed, IReadOnlyList<byte[]> files, IReadOnlyList<byte[]> jsons)
{
    /// <summary>Longest time of a case.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    /// <summary>Most bytes that a case may allocate, all of its garbage counted.</summary>
    public const long MaxAllocated = 64L * 1024 * 1024;

    private static readonly string[] Order = ["part10", "part10", "part10", "json", "deflate"];

    /// <summary>The most that any case allocated.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>The longest that any case took.</summary>
    public TimeSpan Longest { get; private set; }

    public byte[] Bytes(long number, out string target, string? only = null)
    {
        var random = new Random(unchecked((int)(seed * 1_000_003L + number)));
        target = only ?? Order[number % Order.Length];
        var seeds = target == "json" ? jsons : files;
        if (target == "json" && random.Next(2) == 0)
        {
            return JsonMutator.Mutate(random, seeds[random.Next(seeds.Count)]);
        }
        return new Mutator(random).Mutate(seeds[random.Next(seeds.Count)], seeds[random.Next(seeds.Count)]);
    }

    public async Task<Finding?> RunAsync(long number, string? only = null)
    {
        var bytes = Bytes(number, out var target, only);
        var (problem, elapsed, allocated) = await MeasureAsync(target, bytes);
        if (elapsed > MaxTime)
        {
            // A machine may stop for a moment; a hang happens again.
            elapsed = (await MeasureAsync(target, bytes)).Elapsed;
        }
        MostAllocated = Math.Max(MostAllocated, allocated);
        Longest = elapsed > Longest ? elapsed : Longest;
        problem ??= elapsed > MaxTime ? $"took {elapsed}" : allocated > MaxAllocated ? $"allocated {allocated} bytes" : null;
        return problem is null ? null : new Finding(number, target, problem);
    }

    private static async Task<(string? Problem, TimeSpan Elapsed, long Allocated)> MeasureAsync(string target, byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        string? problem = null;
        try
        {
            await Targets.All[target](bytes);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Whatever comes out of a target is a finding: it has caught what it may throw.
            problem = error.ToString();
        }
        return (problem, Stopwatch.GetElapsedTime(started), GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

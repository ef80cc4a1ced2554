using System.Globalization;

namespace VnaCloud.TestKit;

/// <summary>
/// What fault tests saw, one row each, for the table that test.sh prints and, with --long, writes into docs/reliability.md. Rows are
/// added before a test judges them, so that a failure stands there too.
/// </summary>
public static class FaultTable
{
    private const string Variable = "VNA_FAULT_TABLE";
    private static readonly Lock Gate = new();

    /// <summary>Adds a row; nothing happens where no table is asked for.</summary>
    /// <param name="id">Number in the checklist, such as "F9".</param>
    /// <param name="injected">The fault, in a few words.</param>
    /// <param name="times">How often it was injected.</param>
    /// <param name="acknowledged">Instances (or other promises) that were acknowledged.</param>
    /// <param name="lost">How many of them were missing, wrong or twice afterwards.</param>
    /// <param name="recovery">Longest time until the product worked again; null where it never stopped.</param>
    /// <param name="seed">What replays it, or "-".</param>
    public static void Add(string id, string injected, long times, long acknowledged, long lost, TimeSpan? recovery, string seed)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
        {
            return;
        }
        var seconds = recovery?.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture) ?? "-";
        lock (Gate)
        {
            File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"{id}\t{injected}\t{times}\t{acknowledged}\t{lost}\t{seconds}\t{seed}\n"));
        }
    }
}

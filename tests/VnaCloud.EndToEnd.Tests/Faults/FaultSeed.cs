using System.Globalization;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>What a fault test's choices come from; VNA_FAULT_SEED makes the same ones again.</summary>
internal static class FaultSeed
{
    public const string Variable = "VNA_FAULT_SEED";

    public static int Next(ITestOutputHelper output)
    {
        var seed = Environment.GetEnvironmentVariable(Variable) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"{Variable}={seed}");
        return seed;
    }
}

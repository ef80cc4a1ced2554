using Xunit;

namespace VnaCloud.TestKit;

/// <summary>How much of a test to run: test.sh --fast and --long set VNA_FAST and VNA_LONG.</summary>
public static class TestLength
{
    public static bool IsFast { get; } = Environment.GetEnvironmentVariable("VNA_FAST") == "1";

    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("VNA_LONG") == "1";

    /// <summary>Leaves a test out of the inner loop, and says why.</summary>
    public static void SkipInFast(string why) => Assert.SkipWhen(IsFast, $"Not in the inner loop: {why}");

    /// <summary>For tests that are not in the inner loop.</summary>
    public static T Of<T>(T normal, T full) => IsLong ? full : normal;

    public static T Of<T>(T fast, T normal, T full) => IsFast ? fast : IsLong ? full : normal;
}

namespace VnaCloud.TestKit;

/// <summary>How much of a test to run: test.sh --fast and --long set VNA_FAST and VNA_LONG.</summary>
public static class TestLength
{
    public static bool IsFast { get; } = Environment.GetEnvironmentVariable("VNA_FAST") == "1";

    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("VNA_LONG") == "1";

    public static T Of<T>(T fast, T normal, T full) => IsFast ? fast : IsLong ? full : normal;
}

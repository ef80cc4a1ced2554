using System.Globalization;

namespace VnaCloud.Cli.Maintenance;

/// <summary>How fast a command was.</summary>
internal sealed class Pace
{
    private readonly long _begun = TimeProvider.System.GetTimestamp();

    /// <summary>For the last line of a command.</summary>
    public string Say(long packs, long instances)
    {
        var seconds = TimeProvider.System.GetElapsedTime(_begun).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s: {packs / seconds:F0} packs/s, {instances / seconds:F0} instances/s.");
    }
}

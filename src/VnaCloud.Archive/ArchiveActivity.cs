using System.Diagnostics;

namespace VnaCloud.Archive;

/// <summary>The archive's spans (docs/telemetry.md). Without a listener none is made.</summary>
public static class ArchiveActivity
{
    /// <summary>Name of the source.</summary>
    public const string Name = "VnaCloud.Archive";

    /// <summary>Where they come from.</summary>
    public static readonly ActivitySource Source = new(Name);

    /// <summary>A piece of work failed: its kind is told, not its message, which may quote what was sent.</summary>
    public static void Fail(this Activity? activity, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        activity?.SetTag("error.type", failure.GetType().Name).SetStatus(ActivityStatusCode.Error);
    }
}

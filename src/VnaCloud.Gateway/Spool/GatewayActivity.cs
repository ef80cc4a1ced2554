using System.Diagnostics;

namespace VnaCloud.Gateway.Spool;

/// <summary>The gateway's spans (docs/telemetry.md). Without a listener none is made.</summary>
internal static class GatewayActivity
{
    public static readonly ActivitySource Source = new(SpoolMeter.Name);

    /// <summary>A span that begins a trace, whatever the caller is part of.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="kind">At whose wish.</param>
    /// <param name="related">Other traces that it has to do with.</param>
    /// <remarks>The caller is an async method: what is current for its own callers stays as it is.</remarks>
    public static Activity? Root(string name, ActivityKind kind, IEnumerable<ActivityContext> related)
    {
        if (!Source.HasListeners())
        {
            return null;
        }
        Activity.Current = null;
        return Source.StartActivity(name, kind, default(ActivityContext), links: related.Where(static context => context.TraceId != default).Select(static context => new ActivityLink(context)));
    }
}

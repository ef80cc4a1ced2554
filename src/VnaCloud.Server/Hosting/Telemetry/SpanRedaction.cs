using System.Collections.Frozen;
using System.Diagnostics;
using OpenTelemetry;

namespace VnaCloud.Server.Hosting.Telemetry;

/// <summary>
/// Takes out of the framework's spans what names a patient or a study: paths have UIDs, queries have names. Nothing stays but what is listed, so
/// that a new version of the framework cannot add something unseen. Spans of health checks are not sent at all.
/// </summary>
internal sealed class SpanRedaction : BaseProcessor<Activity>
{
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
    [
        "http.request.method", "http.request.resend_count", "http.response.status_code", "http.route", "url.scheme", "server.address", "server.port",
        "network.protocol.name", "network.protocol.version", "user_agent.original", "error.type",
    ]);

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name is not (FrameworkSources.Server or FrameworkSources.Client))
        {
            return;
        }
        if (data.GetTagItem("http.route") is string route && route.Contains("health/", StringComparison.Ordinal))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }
        List<string>? removed = null;
        foreach (var (name, _) in data.EnumerateTagObjects())
        {
            if (!Kept.Contains(name))
            {
                (removed ??= []).Add(name);
            }
        }
        removed?.ForEach(name => data.SetTag(name, null));
    }
}

/// <summary>Names under which the platform itself tells what it does.</summary>
internal static class FrameworkSources
{
    public const string Server = "Microsoft.AspNetCore";

    public const string Client = "System.Net.Http";
}

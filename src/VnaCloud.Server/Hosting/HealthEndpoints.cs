using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// /health/live: the process answers. /health/ready: so do its dependencies. A slice adds its own by
/// <c>services.AddHealthChecks().AddCheck&lt;T&gt;("index")</c>.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Health checks answer any method unless told otherwise.
        var methods = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).WithMetadata(methods).IsOpenToAll().ExcludeFromDescription();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).WithMetadata(methods).IsOpenToAll().ExcludeFromDescription();
    }

    // Names and states only: a check's description or exception may say more than a stranger should read.
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = MediaTypeNames.Json;
        var states = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString());
        return JsonSerializer.SerializeAsync(
            context.Response.Body, new { status = report.Status.ToString(), dependencies = states }, cancellationToken: context.RequestAborted);
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VnaCloud.Gateway.Hosting;

/// <summary>/health/live (also /healthz): the process answers. /health/ready (also /readyz): objects are taken.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var methods = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        foreach (var path in new[] { "/health/live", "/healthz" })
        {
            routes.MapHealthChecks(path, new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).WithMetadata(methods);
        }
        foreach (var path in new[] { "/health/ready", "/readyz" })
        {
            routes.MapHealthChecks(path, new HealthCheckOptions { ResponseWriter = WriteAsync }).WithMetadata(methods);
        }
    }

    // Names and states only: a check's description or exception may say more than a stranger should read.
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        var states = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString());
        return JsonSerializer.SerializeAsync(
            context.Response.Body, new { status = report.Status.ToString(), dependencies = states }, cancellationToken: context.RequestAborted);
    }
}

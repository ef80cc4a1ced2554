using System.Reflection;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Hosting;
using VnaCloud.Gateway.Scp;
using VnaCloud.Gateway.Scp.Commitment;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Status;

/// <summary>The status page at <c>/</c> and what it shows at <c>/status</c>.</summary>
internal static class StatusEndpoints
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/status", (GatewayOptions options, DimsePort port, CommitmentLog commitments, ObjectSpool spool, ForwardingService forwarding, TimeProvider time, HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-store";
            var dimse = new DimseStatus([.. port.EndPoints.Select(endPoint => endPoint.ToString())], port.Associations, commitments.Open.Count);
            return StatusReport.Of(options.AeTitle, dimse, spool, forwarding, time);
        });
        MapAsset(routes, "/", "status.html", "text/html; charset=utf-8");
        MapAsset(routes, "/status.js", "status.js", "text/javascript; charset=utf-8");
        MapAsset(routes, "/status.css", "status.css", "text/css; charset=utf-8");
    }

    private static void MapAsset(IEndpointRouteBuilder routes, string path, string name, string type)
    {
        using var asset = Assembly.GetExecutingAssembly().GetManifestResourceStream($"status/{name}")!;
        var bytes = new byte[asset.Length];
        asset.ReadExactly(bytes);
        routes.MapGet(path, (HttpResponse response) =>
        {
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers.CacheControl = "no-cache";
            return Results.Bytes(bytes, type);
        });
    }
}

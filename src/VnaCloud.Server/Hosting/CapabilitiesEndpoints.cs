using System.Reflection;
using Microsoft.OpenApi;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// What the server can do (PS3.18 8.9): a short list made from the routes that exist, with a pointer to the OpenAPI document.
/// </summary>
internal static class CapabilitiesEndpoints
{
    private const string Root = "/dicom-web";

    public static void AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "VnaCloud DICOMweb",
                Version = "v1",
                Description = "STOW-RS, QIDO-RS and WADO-RS of PS3.18. Media types are negotiated as the standard says.",
            };
            return Task.CompletedTask;
        }));

    public static void MapCapabilities(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").IsOpenToAll();
        routes.MapMethods(Root, [HttpMethods.Get, HttpMethods.Head, HttpMethods.Options], Describe)
            .WithSummary("Capabilities (PS3.18 8.9)").IsOpenToAll();
    }

    private static Capabilities Describe(HttpRequest request, BaseUrl baseUrl, EndpointDataSource endpoints)
    {
        var resources = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => (
                Path: "/" + endpoint.RoutePattern.RawText?.Trim('/'),
                Methods: endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))
            .Where(route => route.Path.StartsWith(Root, StringComparison.Ordinal))
            .GroupBy(route => route.Path, route => route.Methods)
            .OrderBy(route => route.Key, StringComparer.Ordinal)
            .Select(route => new CapabilityResource(route.Key, [.. route.SelectMany(methods => methods).Distinct().Order(StringComparer.Ordinal)]));
        var version = typeof(CapabilitiesEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return new Capabilities("VnaCloud", version ?? "", baseUrl.Of(request) + "/openapi/v1.json", [.. resources]);
    }
}

internal sealed record Capabilities(string Product, string Version, string OpenApi, CapabilityResource[] Resources);

internal sealed record CapabilityResource(string Path, string[] Methods);

using System.Reflection;
using Microsoft.OpenApi;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// What the server can do (PS3.18 8.9): a short list made from the routes that exist, with a pointer to the OpenAPI document.
/// </summary>
internal static class CapabilitiesEndpoints
{
    private const string Root = "/dicom-web";

    private static readonly OperationText Text = new("What this server can do, made from its routes.")
    {
        Answers = [new(200, "Product, version, where this document is, and every DICOMweb resource with its methods.", new BodyText(MediaTypeNames.Json, Example: "capabilities.json"))],
    };

    public static void AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi("v1", options => options.AddOperationTransformer<DescribeOperation>().AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "VnaCloud",
                Version = "v1",
                Description = "STOW-RS, QIDO-RS, WADO-RS, WADO-URI and storage commitment of PS3.18, deletes, the change feed, share links and the audit trail. Media types are negotiated as the standard says; HEAD is answered wherever GET is. "
                    + "The examples are a study that the example of storing stores, and what the server answered then. docs/conformance.md says what is supported, to the letter.",
            };
            Schemas.AddTo(document);
            SecuritySchemes.AddTo(document);
            return Task.CompletedTask;
        }));

    public static void MapCapabilities(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").IsOpenToAll();
        routes.MapMethods(Root, [HttpMethods.Get, HttpMethods.Head, HttpMethods.Options], Describe)
            .WithTags("Capabilities").WithSummary("Capabilities (PS3.18 8.9)").Describes(Text).Produces<Capabilities>().IsOpenToAll();
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

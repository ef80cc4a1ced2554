using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Page;

/// <summary>
/// The study page at <c>/</c>, whose only way to the archive is DICOMweb. Its files are part of the assembly, because the working
/// directory of a server is wherever it was started, and its URLs are relative, because a proxy may put it under any path.
/// </summary>
internal static class PageEndpoints
{
    // No inline script or style, nothing from elsewhere, no frame around it: a name in an instance cannot become code. Frames show reports
    // and documents, media videos, all by the archive's rendered resources.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; media-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private const string Index = "index.html";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    public static void AddPage(this IServiceCollection services) => services.AddSingleton(static _ => ReadAssets());

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapRead("/", (HttpRequest request, FrozenDictionary<string, PageAsset> assets) =>
            request.Path.HasValue ? Answer(request, assets[Index]) : Results.Redirect($"{request.PathBase}/{request.QueryString}"))
            .ExcludeFromDescription().IsPage(forGuests: false);
        routes.MapRead("/page/{file}", (HttpRequest request, FrozenDictionary<string, PageAsset> assets, string file) =>
            assets.TryGetValue(file, out var asset) ? Answer(request, asset) : Problem.NotFound("There is no such resource."))
            .ExcludeFromDescription().IsOpenToAll();
    }

    private static IResult Answer(HttpRequest request, PageAsset asset)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ETag = asset.ETag.ToString();
        headers.CacheControl = "no-cache";
        return Conditional.IsNotModified(request, asset.ETag)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(asset.Content, asset.ContentType);
    }

    private static FrozenDictionary<string, PageAsset> ReadAssets()
    {
        var assembly = typeof(PageEndpoints).Assembly;
        return assembly.GetManifestResourceNames().Where(static name => name.StartsWith(PageAsset.Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(static name => name[PageAsset.Prefix.Length..], name => Read(assembly, name));
    }

    private static PageAsset Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        // Weak: the same text may leave compressed.
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"", isWeak: true);
        return new PageAsset(content, Types[Path.GetExtension(name)], tag);
    }
}

/// <summary>One file of the page.</summary>
internal sealed record PageAsset(byte[] Content, string ContentType, EntityTagHeaderValue ETag)
{
    /// <summary>Resource names of the page's files start so (VnaCloud.Server.csproj).</summary>
    public const string Prefix = "page/";
}

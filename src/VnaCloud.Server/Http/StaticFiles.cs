using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace VnaCloud.Server.Http;

/// <summary>Small pages of the server's own. They are part of the assembly, because its working directory is wherever it was started.</summary>
internal sealed class StaticFiles
{
    // No inline script or style, nothing from elsewhere, no frame around it: a name in an instance cannot become code.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; ";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, StaticFile> _files;

    private StaticFiles(FrozenDictionary<string, StaticFile> files) => _files = files;

    /// <summary>Those whose resource name starts so (VnaCloud.Server.csproj).</summary>
    public static StaticFiles Of(string prefix)
    {
        var assembly = typeof(StaticFiles).Assembly;
        return new StaticFiles(assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[prefix.Length..], name => Read(assembly, name)));
    }

    /// <summary>The file, or 404.</summary>
    /// <param name="policy">What the Content-Security-Policy says beyond what is said of all.</param>
    public IResult Answer(HttpContext context, string name, string policy)
    {
        if (!_files.TryGetValue(name, out var file))
        {
            return Problem.NotFound("There is no such resource.");
        }
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy + policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ETag = file.ETag.ToString();
        headers.CacheControl = "no-cache";
        return Conditional.IsNotModified(context.Request, file.ETag) ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(file.Content, file.Type);
    }

    private static StaticFile Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        // Weak: the same text may leave compressed.
        return new StaticFile(content, Types[Path.GetExtension(name)], new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"", isWeak: true));
    }

    private sealed record StaticFile(byte[] Content, string Type, EntityTagHeaderValue ETag);
}

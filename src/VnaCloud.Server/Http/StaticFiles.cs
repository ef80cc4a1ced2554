using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace VnaCloud.Server.Http;

/// <summary>Pages of the server's own. They are part of the assembly, because its working directory is wherever it was started.</summary>
internal sealed class StaticFiles
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, StaticFile> _files;
    private readonly string _referrer;

    /// <param name="prefix">How their resources' names begin (VnaCloud.Server.csproj).</param>
    /// <param name="referrer">The Referrer-Policy.</param>
    public StaticFiles(string prefix, string referrer)
    {
        _referrer = referrer;
        var assembly = typeof(StaticFiles).Assembly;
        _files = assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[prefix.Length..], name => Read(assembly, name));
    }

    /// <summary>The file, or 404.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">Of the file.</param>
    /// <param name="allows">Directives of the Content-Security-Policy beyond those of all pages.</param>
    public IResult Answer(HttpContext context, string name, string allows)
    {
        if (!_files.TryGetValue(name, out var file))
        {
            return Problem.NotFound("There is no such resource.");
        }
        var headers = context.Response.Headers;
        // No inline script or style, nothing from elsewhere, no frame around it: a name in an instance cannot become code.
        headers.ContentSecurityPolicy = $"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; {allows}; frame-ancestors 'none'; base-uri 'none'";
        headers["Referrer-Policy"] = _referrer;
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

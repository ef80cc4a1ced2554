using Microsoft.Net.Http.Headers;

namespace VnaCloud.Server.Viewer;

/// <summary>Sends a file in the smallest of its forms that the client takes.</summary>
internal sealed class ViewerFileAnswer(ViewerFiles files, ViewerFile file) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        ViewerHeaders.Set(response.Headers, file.Decoder);
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        response.ContentType = file.ContentType;
        var (coding, length) = Choose(httpContext.Request);
        if (coding.Length > 0)
        {
            response.Headers.ContentEncoding = coding;
        }
        response.ContentLength = length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.SendFileAsync(files.PathOf(file, coding switch { "br" => ".br", "gzip" => ".gz", _ => "" }), httpContext.RequestAborted);
        }
    }

    private (string Coding, long Length) Choose(HttpRequest request) =>
        file.Br is { } br && Takes(request, "br") ? ("br", br)
        : file.Gz is { } gz && Takes(request, "gzip") ? ("gzip", gz)
        : ("", file.Bytes);

    private static bool Takes(HttpRequest request, string coding) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)
        && accepted.Any(range => range.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && range.Quality is null or > 0);
}

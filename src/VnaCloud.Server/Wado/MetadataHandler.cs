using Microsoft.AspNetCore.Http.Features;
using VnaCloud.Archive;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>/metadata: stored segments put together; a client that takes gzip gets them as they are.</summary>
internal sealed class MetadataHandler(WadoTarget.Reader reader, IObjectStore store)
{
    private static readonly MediaOffer[] Offers = [new(MediaTypeNames.DicomJson, Multipart: false)];

    public async Task<IResult> GetAsync(HttpContext context)
    {
        if (!Accept.TryRead(context.Request, out var accepted))
        {
            return Problem.BadAccept();
        }
        if (Negotiator.Choose(accepted, Offers) is null)
        {
            return Problem.NotAcceptable(Offers);
        }
        var (target, problem) = await reader.ReadAsync(context);
        return target is null ? problem! : new Answer(target, store);
    }

    private sealed class Answer(WadoTarget target, IObjectStore store) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (request, response) = (httpContext.Request, httpContext.Response);
            var gzip = AcceptsGzip(request);
            var tag = Representation.Tag(target.View.Instances, $"metadata:{(gzip ? "gzip" : "identity")}:{target.DicomWebUrl}");
            response.Headers.ETag = tag.ToString();
            response.Headers.CacheControl = "private, no-cache";
            if (Conditional.IsNotModified(request, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            var answer = new MetadataAnswer(target.View.Instances, target.DicomWebUrl);
            // This stream has its encoding, or its exact length: the compression middleware must not touch it.
            httpContext.Features.Get<IHttpsCompressionFeature>()?.Mode = HttpsCompressionMode.DoNotCompress;
            response.ContentType = MediaTypeNames.DicomJson;
            response.Headers.ContentEncoding = gzip ? "gzip" : "identity";
            response.ContentLength = gzip ? answer.GzipLength : answer.Length;
            if (!gzip)
            {
                response.Headers.Remove("Content-Encoding");
            }
            if (HttpMethods.IsHead(request.Method))
            {
                return;
            }
            await (gzip ? answer.WriteGzipAsync(store, response.BodyWriter, httpContext.RequestAborted)
                : answer.WriteIdentityAsync(store, response.BodyWriter, httpContext.RequestAborted));
        }

        private static bool AcceptsGzip(HttpRequest request)
        {
            foreach (var coding in request.GetTypedHeaders().AcceptEncoding)
            {
                if (coding.Quality is not 0 && (coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) || coding.Value == "*"))
                {
                    return true;
                }
            }
            return false;
        }
    }
}

using VnaCloud.Archive;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>/metadata: stored segments put together; a client that takes gzip gets them as they are.</summary>
internal sealed class MetadataHandler(WadoTarget.Reader reader, BoundaryMaker boundaries)
{
    private static readonly MediaOffer[] Offers = [new(MediaTypeNames.DicomJson, Multipart: false), new(MediaTypeNames.DicomXml, Multipart: true)];
    private static readonly MediaOffer[] InstanceOffers = [.. Offers, new(MediaTypeNames.DicomXml, Multipart: false)];

    public async Task<IResult> GetAsync(HttpContext context)
    {
        if (!Accept.TryRead(context.Request, out var accepted))
        {
            return Problem.BadAccept();
        }
        var offers = context.Request.RouteValues.ContainsKey("instance") ? InstanceOffers : Offers;
        if (Negotiator.Choose(accepted, offers) is not { } offer)
        {
            return Problem.NotAcceptable(offers);
        }
        var (target, problem) = await reader.ReadAsync(context, StoredPart.Metadata);
        return target is null ? problem!
            : offer.MediaType == MediaTypeNames.DicomXml ? new MetadataXmlAnswer(target, boundaries, alone: !offer.Multipart)
            : new Answer(target);
    }

    private sealed class Answer(WadoTarget target) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (request, response) = (httpContext.Request, httpContext.Response);
            var gzip = PrefersGzip(request);
            var tag = Representation.Tag(target.View.Instances, $"metadata:{(gzip ? "gzip" : "identity")}:{target.DicomWebUrl}");
            response.Headers.ETag = tag.ToString();
            response.Headers.CacheControl = "private, no-cache";
            if (Conditional.IsNotModified(request, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            var answer = new MetadataAnswer(target.View.Instances, target.DicomWebUrl);
            response.ContentType = MediaTypeNames.DicomJson;
            response.ContentLength = gzip ? answer.GzipLength : answer.Length;
            if (gzip)
            {
                response.Headers.ContentEncoding = "gzip";
            }
            if (HttpMethods.IsHead(request.Method))
            {
                return;
            }
            await (gzip ? answer.WriteGzipAsync(target.Objects, response.BodyWriter, httpContext.RequestAborted)
                : answer.WriteIdentityAsync(target.Objects, response.BodyWriter, httpContext.RequestAborted));
        }

        // RFC 9110 12.5.3: what is named goes before '*'; a client that names identity as well may like it better.
        private static bool PrefersGzip(HttpRequest request)
        {
            double? gzip = null, any = null, identity = null;
            foreach (var coding in request.GetTypedHeaders().AcceptEncoding)
            {
                var quality = coding.Quality ?? 1;
                switch (coding.Value.ToString().ToLowerInvariant())
                {
                    case "gzip" or "x-gzip":
                        gzip = quality;
                        break;
                    case "*":
                        any = quality;
                        break;
                    case "identity":
                        identity = quality;
                        break;
                }
            }
            var preference = gzip ?? any ?? 0;
            return preference > 0 && preference >= (identity ?? 0);
        }
    }
}

using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Qido;

/// <summary>From a request to the index and its answer.</summary>
internal sealed partial class QidoHandler(
    ReachableIndex index, StoredMetadataReader metadata, BaseUrl baseUrl, VnaOptions options, ILogger<QidoHandler> logger)
{
    /// <summary>Seconds after which a search that took too long may be tried again.</summary>
    private const int RetryAfterSeconds = 10;

    private static readonly MediaOffer[] Offers = [new(MediaTypeNames.DicomJson, Multipart: false)];

    public async Task<IResult> SearchAsync(HttpRequest http, QidoResource resource, CancellationToken cancellation)
    {
        if (!Accept.TryRead(http, out var accepted))
        {
            return Problem.BadAccept();
        }
        if (Negotiator.Choose(accepted, Offers) is null)
        {
            return Problem.NotAcceptable(Offers);
        }
        var (request, faults) = QidoRequestReader.Read(resource, http.QueryString.Value, options.Limits);
        if (request is null)
        {
            return Problem.BadRequest(faults!);
        }
        try
        {
            var visitor = Visitor.Of(http.HttpContext);
            var first = await index.SearchAsync(visitor, ToSearch(request, request.Cursor, (int)request.Position, Math.Max(1, request.Limit)), cancellation);
            return new QidoAnswer(request, first, index, metadata, baseUrl.Of(http), options.Qido.EmptyResult);
        }
        catch (InvalidCursorException)
        {
            return Problem.BadRequest("cursor is not from a Link of this search.");
        }
        catch (SearchTooSlowException tooSlow)
        {
            Log.TooSlow(logger, resource.Level, request.Criteria.Count, tooSlow.Limit.TotalSeconds);
            return new Problem(StatusCodes.Status503ServiceUnavailable, "The search took too long. A narrower one may not.") { RetryAfter = RetryAfterSeconds };
        }
    }

    /// <summary>One page of the index.</summary>
    public static SearchRequest ToSearch(QidoRequest request, string? cursor, int offset, int rows) => new()
    {
        Tenant = TenantId.Default,
        Level = request.Resource.Level,
        StudyUid = request.Resource.StudyUid,
        SeriesUid = request.Resource.SeriesUid,
        Criteria = request.Criteria,
        Offset = cursor is null ? offset : 0,
        Cursor = cursor,
        Limit = Math.Min(rows, QidoLimits.PageRows),
    };

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "A search at the {Level} level with {Criteria} criteria did not finish within {Seconds} s")]
        public static partial void TooSlow(ILogger logger, QueryLevel level, int criteria, double seconds);
    }
}

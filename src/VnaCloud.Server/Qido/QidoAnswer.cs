using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using VnaCloud.Archive;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Qido;

/// <summary>The results of a search, fetched and sent page by page.</summary>
internal sealed class QidoAnswer(QidoRequest request, SearchPage first, ReachableIndex index, StoredMetadataReader metadata, string baseUrl, int emptyStatus) : IResult
{
    /// <summary>Bytes of JSON gathered before they go out.</summary>
    private const int FlushBytes = 32 * 1024;

    // Names stay readable as UTF-8. The type is not HTML and nosniff keeps it so.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = QidoLimits.MetadataDepth * 2 };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        QidoHeaders.Set(response, request, first, baseUrl);
        var rows = Math.Min(request.Limit, first.Rows.Count);
        if (rows == 0 && emptyStatus == StatusCodes.Status204NoContent)
        {
            response.StatusCode = emptyStatus;
            return;
        }
        response.ContentType = MediaTypeNames.DicomJson;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await WriteAsync(response.BodyWriter, Visitor.Of(httpContext), httpContext.RequestAborted);
        }
    }

    private async Task WriteAsync(PipeWriter body, Visitor visitor, CancellationToken cancellation)
    {
        var writer = new ResultWriter(new ResultPlan(request), new ResultScope(request.Resource.Level, baseUrl), metadata);
        using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartArray();
        var left = request.Limit;
        for (var page = first; left > 0;)
        {
            foreach (var row in page.Rows.Take(left))
            {
                await writer.WriteAsync(json, row, cancellation);
                if (json.BytesPending > FlushBytes)
                {
                    json.Flush();
                    await body.FlushAsync(cancellation);
                }
            }
            left -= page.Rows.Count;
            if (left <= 0 || page.NextCursor is null)
            {
                break;
            }
            page = await index.SearchAsync(visitor, QidoHandler.ToSearch(request, page.NextCursor, 0, left), cancellation);
        }
        json.WriteEndArray();
        json.Flush();
        await body.FlushAsync(cancellation);
    }
}

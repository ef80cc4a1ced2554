using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Multipart;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>A part of an answer that is made while it is sent.</summary>
internal sealed record StreamedPart(string ContentType, string? Location, Func<PipeWriter, CancellationToken, Task> WriteAsync);

/// <summary>
/// Sends parts whose length nobody knows beforehand, in chunks: no Content-Length, no ranges. What fails half way aborts the connection, so
/// that it never looks complete.
/// </summary>
internal sealed class StreamedAnswer : IResult
{
    private readonly IReadOnlyList<StreamedPart> _parts;
    private readonly MultipartAnswer? _form;
    private readonly EntityTagHeaderValue _tag;

    private StreamedAnswer(IReadOnlyList<StreamedPart> parts, MultipartAnswer? form, EntityTagHeaderValue tag) => (_parts, _form, _tag) = (parts, form, tag);

    /// <summary>Some of what was asked for is left out: 206 (PS3.18 10.4.3).</summary>
    public bool Partial { get; init; }

    /// <summary>What the parts are made of; it ends with the answer.</summary>
    public IAsyncDisposable? Source { get; init; }

    public static StreamedAnswer Single(StreamedPart part, EntityTagHeaderValue tag) => new([part], null, tag);

    public static StreamedAnswer Multipart(IReadOnlyList<StreamedPart> parts, string relatedType, string boundary, EntityTagHeaderValue tag, bool partial = false, IAsyncDisposable? source = null) =>
        new(parts, new MultipartAnswer(boundary, relatedType), tag) { Partial = partial, Source = source };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using (Source)
        {
            await AnswerAsync(httpContext);
        }
    }

    private async Task AnswerAsync(HttpContext httpContext)
    {
        var (request, response, cancellation) = (httpContext.Request, httpContext.Response, httpContext.RequestAborted);
        response.Headers.ETag = _tag.ToString();
        response.Headers.CacheControl = "private, no-cache";
        if (Conditional.IsNotModified(request, _tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = _form?.ContentType ?? _parts[0].ContentType;
        if (_form is null && _parts[0].Location is { } location)
        {
            response.Headers.ContentLocation = location;
        }
        if (Partial)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
        }
        if (HttpMethods.IsHead(request.Method))
        {
            return;
        }
        for (var i = 0; i < _parts.Count; i++)
        {
            if (_form is not null)
            {
                await response.BodyWriter.WriteAsync(_form.PartHeader(i == 0, _parts[i].ContentType, _parts[i].Location), cancellation);
            }
            await _parts[i].WriteAsync(response.BodyWriter, cancellation);
        }
        if (_form is not null)
        {
            await response.BodyWriter.WriteAsync(_form.Closing, cancellation);
        }
    }
}

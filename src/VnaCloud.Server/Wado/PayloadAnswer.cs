using Microsoft.Net.Http.Headers;
using VnaCloud.Archive;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Multipart;

namespace VnaCloud.Server.Wado;

/// <summary>One part of an answer.</summary>
/// <param name="ContentType">Its media type with parameters.</param>
/// <param name="Location">Its URL.</param>
/// <param name="Payload">Its bytes.</param>
internal sealed record AnswerPart(string ContentType, string? Location, Payload Payload);

/// <summary>Sends parts, alone or as multipart/related, with their exact length, entity tag and ranges; writes nothing when nothing changed.</summary>
internal sealed class PayloadAnswer : IResult
{
    private readonly Payload _payload;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _tag;
    private readonly string? _location;
    private readonly Disposition _disposition;

    private PayloadAnswer(Payload payload, string contentType, EntityTagHeaderValue tag, string? location, Disposition disposition)
    {
        _payload = payload;
        _contentType = contentType;
        _tag = tag;
        _location = location;
        _disposition = disposition;
    }

    /// <summary>Some of what was asked for is left out: 206 (PS3.18 10.4.3).</summary>
    public bool Partial { get; init; }

    public static PayloadAnswer Single(AnswerPart part, EntityTagHeaderValue tag, Disposition disposition = Disposition.Inline) =>
        new(part.Payload, part.ContentType, tag, part.Location, disposition);

    /// <summary>For a client that has this representation: 304, whatever it would be made of.</summary>
    public static PayloadAnswer Known(EntityTagHeaderValue tag) => new(new BytesPayload(default), "", tag, null, Disposition.Inline);

    public static PayloadAnswer Multipart(IReadOnlyList<AnswerPart> parts, string relatedType, string boundary, EntityTagHeaderValue tag, bool partial = false)
    {
        var form = new MultipartAnswer(boundary, relatedType);
        var pieces = new List<Payload>(2 * parts.Count + 1);
        for (var i = 0; i < parts.Count; i++)
        {
            pieces.Add(new BytesPayload(form.PartHeader(i == 0, parts[i].ContentType, parts[i].Location)));
            pieces.Add(parts[i].Payload);
        }
        pieces.Add(new BytesPayload(form.Closing));
        return new PayloadAnswer(new JoinedPayload(pieces), form.ContentType, tag, null, Disposition.Inline) { Partial = partial };
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        response.Headers.ETag = _tag.ToString();
        // Without a version in the URL an answer may change: caches ask again.
        response.Headers.CacheControl = "private, no-cache";
        if (Conditional.IsNotModified(request, _tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = _contentType;
        if (_location is not null)
        {
            response.Headers.ContentLocation = _location;
        }
        if (_disposition == Disposition.Attachment)
        {
            // Without a name: a patient's or a UID's does not belong in a download folder (attacks 31).
            response.Headers.ContentDisposition = "attachment";
        }
        if (ByteRange.Read(request, _payload.Length, _tag).Apply(response, _payload.Length) is not { } range)
        {
            response.ContentType = null;
            return;
        }
        if (Partial && response.StatusCode == StatusCodes.Status200OK)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
        }
        if (!HttpMethods.IsHead(request.Method))
        {
            await _payload.WriteAsync(response.BodyWriter, range.Offset, range.Length, httpContext.RequestAborted);
        }
    }
}

/// <summary>What a browser does with an answer (attacks 70).</summary>
internal enum Disposition
{
    /// <summary>Shows it, where it can.</summary>
    Inline,

    /// <summary>Saves it.</summary>
    Attachment,
}

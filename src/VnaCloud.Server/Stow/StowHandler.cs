using System.Diagnostics;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Access;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Multipart;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow;

internal sealed partial class StowHandler(
    Ingest ingest, StowAdmission admission, MetadataStow metadata, BaseUrl baseUrl, VnaOptions options, TimeProvider time, ILogger<StowHandler> logger)
{
    public async Task<IResult> StoreAsync(HttpContext context, string? study)
    {
        var request = context.Request;
        if (!Accept.TryRead(request, out var accepted))
        {
            return Problem.BadAccept();
        }
        if (Negotiator.Choose(accepted, DataSetBody.Offers) is not { } answer)
        {
            return Problem.NotAcceptable(DataSetBody.Offers);
        }
        if (study is not null && !DicomUid.IsValid(study))
        {
            return Problem.BadRequest("The study in the URL is not a UID.");
        }
        if (Refuse(request, out var multipart) is { } refusal)
        {
            return refusal;
        }
        using var place = await admission.TryEnterAsync(context.RequestAborted);
        if (place is null)
        {
            return new Problem(StatusCodes.Status503ServiceUnavailable, "Too many uploads are under way; try again.") { RetryAfter = StowAdmission.RetryAfterSeconds };
        }
        await using var session = ingest.Open(SourceOf(context), study);
        var started = Stopwatch.GetTimestamp();
        int unreferenced;
        try
        {
            unreferenced = await AddAsync(session, request, multipart, study, context.RequestAborted);
        }
        catch (MetadataBudgetException full)
        {
            return new Problem(StatusCodes.Status503ServiceUnavailable, full.Message) { RetryAfter = StowAdmission.RetryAfterSeconds };
        }
        if (session.Count == 0)
        {
            return Problem.BadRequest("The body has no parts, or metadata of no instance.");
        }
        var results = await session.CompleteAsync(context.RequestAborted);
        Visit.Concerns(context, results.Select(static result => result.StudyUid).Where(static uid => uid.Length > 0).Distinct());
        Log.Stored(logger, results.Count, results.Count(result => result.Failure != FailureReason.None), Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return new StowAnswer(results, $"{baseUrl.Of(request)}/dicom-web", answer.MediaType, unreferenced);
    }

    // Gives the number of bulk parts that belong to nothing.
    private async Task<int> AddAsync(IngestSession session, HttpRequest request, MultipartContentType? multipart, string? study, CancellationToken cancellation)
    {
        using var activity = ArchiveActivity.Source.StartActivity("stow receive");
        var unreferenced = await ReceiveAsync(session, request, multipart, study, cancellation);
        activity?.SetTag("vna.instances", session.Count);
        return unreferenced;
    }

    private async Task<int> ReceiveAsync(IngestSession session, HttpRequest request, MultipartContentType? multipart, string? study, CancellationToken cancellation)
    {
        if (multipart is null)
        {
            using var body = new BodySource(request.Body, options.Limits.MaxInstanceBytes);
            await session.AddAsync(body, cancellation);
            return 0;
        }
        if (MetadataStow.Takes(multipart.RelatedType))
        {
            return await metadata.AddAsync(session, request, multipart, study, cancellation);
        }
        await AddPartsAsync(session, request, multipart, cancellation);
        return 0;
    }

    private async Task AddPartsAsync(IngestSession session, HttpRequest request, MultipartContentType type, CancellationToken cancellation)
    {
        using var body = new MultipartBody(request.Body, type.Boundary, MultipartLimits.Of(options.Limits));
        while (await body.ReadPartAsync(cancellation) is { } part)
        {
            var name = part.ContentType is { } text ? MediaType.Parse(text)?.Name : MediaTypeNames.Dicom;
            if (name == MediaTypeNames.Dicom)
            {
                await session.AddAsync(part.Content, cancellation);
            }
            else
            {
                session.Refuse(FailureReason.CannotUnderstand, "The part is not application/dicom.");
            }
        }
    }

    // 415 for what is no DICOM; null and the multipart parameters (or null for a single file) for what is.
    private static Problem? Refuse(HttpRequest request, out MultipartContentType? multipart)
    {
        multipart = null;
        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
        {
            return Problem.UnsupportedMediaType("Send the body without Content-Encoding.");
        }
        if (MediaType.Parse(request.ContentType) is not { } type)
        {
            return Problem.UnsupportedMediaType("Content-Type is missing or cannot be read. Send multipart/related; type=\"application/dicom\", or application/dicom.");
        }
        if (type.Name == MediaTypeNames.Dicom)
        {
            return null;
        }
        if (type.Name != MediaTypeNames.MultipartRelated)
        {
            return Problem.UnsupportedMediaType("Send multipart/related; type=\"application/dicom\", or application/dicom.");
        }
        multipart = MultipartContentType.Read(type);
        return multipart.RelatedType is null or MediaTypeNames.Dicom || MetadataStow.Takes(multipart.RelatedType)
            ? null
            : Problem.UnsupportedMediaType("Only type=\"application/dicom\", or \"application/dicom+json\" with bulk data, can be stored.");
    }

    private IngestSource SourceOf(HttpContext context) => new(
        Ulid.New(time),
        Visitor.Of(context).Who,
        context.Connection.RemoteIpAddress?.ToString() ?? "",
        Activity.Current?.Id ?? context.TraceIdentifier,
        time.GetUtcNow());

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Debug, "Stored {Count} parts, {Failed} of them failed, in {Milliseconds} ms")]
        public static partial void Stored(ILogger logger, int count, int failed, double milliseconds);
    }
}

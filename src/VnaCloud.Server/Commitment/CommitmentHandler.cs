using System.Diagnostics;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Commitment;

internal sealed partial class CommitmentHandler(Custody custody, ILogger<CommitmentHandler> logger)
{
    public async Task<IResult> RequestAsync(HttpContext context, string transaction)
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
        if (!DicomUid.IsValid(transaction))
        {
            return Problem.BadRequest("The transaction in the URL is not a UID.");
        }
        var type = MediaType.Parse(request.ContentType)?.Name is { } name ? MediaTypeNames.Canonical(name) : null;
        if (type is not (MediaTypeNames.DicomJson or MediaTypeNames.DicomXml) || request.Headers.ContentEncoding.Count > 0)
        {
            return Problem.UnsupportedMediaType("Send the references as application/dicom+json or application/dicom+xml, without Content-Encoding.");
        }
        CommitmentRequest asked;
        try
        {
            asked = await CommitmentRequest.ReadAsync(request.Body, type, context.RequestAborted);
        }
        catch (CommitmentFormatException wrong)
        {
            return new Problem(wrong.StatusCode, wrong.Message);
        }
        var started = Stopwatch.GetTimestamp();
        var failures = await custody.CheckAsync(TenantId.Default, asked.References, context.RequestAborted);
        Log.Answered(logger, transaction, failures.Count, failures.Count(failure => failure != CustodyFailure.None), Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return new CommitmentAnswer(asked, failures, answer.MediaType);
    }

    public static Problem Check(string transaction) => DicomUid.IsValid(transaction)
        ? Problem.NotFound("Requests for commitment are answered at once and not kept: ask again with POST.")
        : Problem.BadRequest("The transaction in the URL is not a UID.");

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Information, "Commitment {Transaction}: {Count} instances, {Failed} not committed, in {Milliseconds} ms")]
        public static partial void Answered(ILogger logger, string transaction, int count, int failed, double milliseconds);
    }
}

using System.Buffers;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>What is no picture and can be shown all the same: encapsulated PDF documents and videos as they are stored, and reports as pages.</summary>
internal static class DocumentAnswers
{
    private const string EncapsulatedPdf = "1.2.840.10008.5.1.4.1.1.104.1";

    /// <summary>Null when the instance is none of these.</summary>
    public static async ValueTask<IResult?> AnswerAsync(HttpContext context, WadoTarget target, IReadOnlyList<AcceptedMediaType> accepted)
    {
        var (entry, syntax) = (target.Instance, TransferSyntax.Get(target.Instance.Attributes.TransferSyntaxUid));
        if (syntax.IsVideo)
        {
            return Answer(target, accepted, syntax.MediaType, await VideoAsync(target, context.RequestAborted));
        }
        if (ReportPage.IsReportClass(entry.Attributes.SopClassUid))
        {
            return await ReportAsync(context, target, accepted);
        }
        if (entry.Attributes.SopClassUid != EncapsulatedPdf)
        {
            return null;
        }
        var instances = new InstanceReader(target.Objects);
        var header = await instances.ReadAsync(entry, BulkBytes.AfterDocument, context.RequestAborted);
        if (header.DataSet[DicomTags.EncapsulatedDocument] is not { Length: > 0 } document)
        {
            return new Problem(StatusCodes.Status404NotFound, "The instance has no document.");
        }
        return Answer(target, accepted, MediaTypeNames.Pdf, BulkBytes.Of(instances, entry, header, document, header.DataSet));
    }

    // A page of what somebody else wrote: it may run nothing and reach nothing (attacks 70).
    private static async Task<IResult> ReportAsync(HttpContext context, WadoTarget target, IReadOnlyList<AcceptedMediaType> accepted)
    {
        MediaOffer[] offers = [new(MediaTypeNames.Html, Multipart: false)];
        if (Negotiator.Choose(accepted, offers) is null)
        {
            return Problem.NotAcceptable(offers);
        }
        var header = await new InstanceReader(target.Objects).ReadAsync(target.Instance, null, context.RequestAborted, ReportPage.ReadOptions);
        var page = new ArrayBufferWriter<byte>();
        ReportPage.Write(header.DataSet, target.DicomWebUrl, page);
        context.Response.Headers.ContentSecurityPolicy = ReportPage.ContentSecurityPolicy;
        return PayloadAnswer.Single(new AnswerPart(ReportPage.ContentType, null, new BytesPayload(page.WrittenMemory)), Representation.Tag([target.Instance], $"rendered:html:{target.DicomWebUrl}"));
    }

    private static IResult Answer(WadoTarget target, IReadOnlyList<AcceptedMediaType> accepted, string type, Payload payload)
    {
        MediaOffer[] offers = [new(type, Multipart: false)];
        return Negotiator.Choose(accepted, offers) is null ? Problem.NotAcceptable(offers)
            : PayloadAnswer.Single(new AnswerPart(type, null, payload), Representation.Tag([target.Instance], $"rendered:{type}"));
    }

    // The video is what all fragments make together (PS3.5 A.4.5).
    private static async ValueTask<Payload> VideoAsync(WadoTarget target, CancellationToken cancellation)
    {
        var instances = new InstanceReader(target.Objects);
        var header = await instances.ReadAsync(target.Instance, new DicomTag(DicomTags.PixelData.Value + 1), cancellation);
        return header.DataSet[DicomTags.PixelData] is { Fragments: not null } video ? BulkBytes.Of(instances, target.Instance, header, video, header.DataSet) : new BytesPayload(default);
    }
}

using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>
/// A bulk value by the path that its BulkDataURI has: /bulkdata/7FE00010, or nested /bulkdata/54000100/0/54001010. The place is found by
/// reading the instance's header again, so that a URL never says where to read.
/// </summary>
internal sealed class BulkDataHandler(WadoTarget.Reader reader, FramesHandler frames, BoundaryMaker boundaries)
{
    private static readonly string[] Documents = ["application/pdf", "model/stl", "model/obj", "model/mtl"];

    public async Task<IResult> GetAsync(HttpContext context, string path)
    {
        var (target, problem) = await reader.ReadAsync(context);
        if (target is null)
        {
            return problem!;
        }
        var segments = path.Split('/');
        if (segments.Length % 2 == 0 || !DicomTag.TryParseHex(segments[0], out var top))
        {
            return Problem.BadRequest("A bulk value is named by its tag, or by sequence tag, item index and tag.");
        }
        var instances = new InstanceReader(target.Objects);
        var stop = top == DicomTags.EncapsulatedDocument ? BulkBytes.AfterDocument : new DicomTag(top.Value + 1);
        var header = await instances.ReadAsync(target.Instance, stop, context.RequestAborted);
        if (InstanceReader.Find(header.DataSet, segments) is null)
        {
            // Elements out of order: the one asked for may come after one with a greater tag.
            header = await instances.ReadAsync(target.Instance, null, context.RequestAborted);
        }
        if (InstanceReader.Find(header.DataSet, segments) is not { Element: { Items: null } element, Within: var within })
        {
            return Problem.NotFound("The instance has no such bulk value.");
        }
        if (element.Fragments is not null && segments.Length == 1 && target.Instance.Frames.Layout == FrameLayout.Encapsulated)
        {
            return await frames.GetAllAsync(context);
        }
        return Answer(context, target, path, header, (element, within));
    }

    private IResult Answer(HttpContext context, WadoTarget target, string path, DicomReader header, (DicomElement Element, DicomDataSet Within) found)
    {
        if (!Accept.TryRead(context.Request, out var accepted))
        {
            return Problem.BadAccept();
        }
        var type = MediaTypeOf(found.Element, header);
        List<MediaOffer> offers = [new(MediaTypeNames.OctetStream, Multipart: true), new(MediaTypeNames.OctetStream, Multipart: false)];
        if (type != MediaTypeNames.OctetStream)
        {
            offers.AddRange([new(type, Multipart: false), new(type, Multipart: true)]);
        }
        if (Negotiator.Choose(accepted, offers) is not { } offer)
        {
            return Problem.NotAcceptable(offers);
        }
        var payload = BulkBytes.Of(new InstanceReader(target.Objects), target.Instance, header, found.Element, found.Within);
        var tag = Representation.Tag(target.View.Instances, $"bulk:{path}:{offer}:{(offer.Multipart ? target.DicomWebUrl : "")}");
        var part = new AnswerPart(offer.MediaType, $"{target.UrlOf(target.Instance)}/bulkdata/{path}", payload);
        return offer.Multipart
            ? PayloadAnswer.Multipart([part], offer.MediaType, boundaries.Of(tag), tag)
            : PayloadAnswer.Single(part, tag, offer.MediaType.StartsWith("video/", StringComparison.Ordinal) ? Disposition.Inline : Disposition.Attachment);
    }

    // A video is what its syntax says; a document what it says itself, where that cannot run in a browser's origin (attacks 70, 72).
    private static string MediaTypeOf(DicomElement element, DicomReader header)
    {
        if (element.Fragments is not null && header.TransferSyntax.IsVideo)
        {
            return header.TransferSyntax.MediaType;
        }
        if (element.Tag != DicomTags.EncapsulatedDocument)
        {
            return MediaTypeNames.OctetStream;
        }
        var said = header.DataSet.String(DicomTags.MIMETypeOfEncapsulatedDocument);
        return Documents.FirstOrDefault(document => document.Equals(said, StringComparison.OrdinalIgnoreCase)) ?? MediaTypeNames.OctetStream;
    }
}

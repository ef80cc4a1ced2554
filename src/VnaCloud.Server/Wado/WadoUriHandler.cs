using VnaCloud.Dicom;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Wado.Rendered;

namespace VnaCloud.Server.Wado;

/// <summary>
/// WADO-URI (PS3.18 chapter 9) for older clients: an instance as application/dicom, or what can be seen of it, named in the query. Both are
/// resources of WADO-RS under another URL, so they answer alike.
/// </summary>
internal sealed class WadoUriHandler(WadoTarget.Reader reader, InstancesHandler instances, RenderedHandler rendered)
{
    private static readonly MediaOffer Dicom = new(MediaTypeNames.Dicom, Multipart: false);

    private static readonly MediaOffer[] Offers =
        [Dicom, .. new[] { MediaTypeNames.Jpeg, MediaTypeNames.Png, MediaTypeNames.Gif, MediaTypeNames.Pdf, MediaTypeNames.Html, "video/mp4", "video/mpeg" }.Select(static type => new MediaOffer(type, Multipart: false))];

    public async Task<IResult> GetAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (query["requestType"] != "WADO")
        {
            return Problem.BadRequest("requestType must be WADO.");
        }
        foreach (var (name, key) in new[] { ("study", "studyUID"), ("series", "seriesUID"), ("instance", "objectUID") })
        {
            if (query[key] is not [{ Length: > 0 } uid])
            {
                return Problem.BadRequest($"{key} is missing or repeated.");
            }
            context.Request.RouteValues[name] = uid;
        }
        if (query["anonymize"].Count > 0)
        {
            // Never the patient's name where it was not wanted (PS3.18 9.1.2.2.4.1).
            return Problem.BadRequest("Instances cannot be anonymized here.");
        }
        if (!Accept.TryRead(query["contentType"].ToString(), "", out var wanted))
        {
            return Problem.BadRequest("contentType is not a list of media types.");
        }
        // Without contentType it is what can be seen, an image as JPEG (PS3.18 9.1.2.2.2).
        if (wanted.Count == 0)
        {
            return await RenderedAsync(context, []);
        }
        return Negotiator.Choose(wanted, Offers) is not { } offer ? Problem.NotAcceptable(Offers)
            : offer == Dicom ? await InstanceAsync(context)
            : await RenderedAsync(context, [.. wanted.Where(static range => range.Type != MediaTypeNames.Dicom)]);
    }

    private async Task<IResult> InstanceAsync(HttpContext context)
    {
        var syntax = context.Request.Query["transferSyntax"].ToString();
        if (syntax is not ("" or "*") && !DicomUid.IsValid(syntax))
        {
            return Problem.BadRequest("transferSyntax is not a UID.");
        }
        // Clients of this service name no syntax and read what comes: a compressed instance is given as stored, as to any who takes anything.
        context.Request.Headers.Accept = syntax.Length > 0 ? $"{MediaTypeNames.Dicom}; transfer-syntax={syntax}" : "application/*";
        return await instances.GetAsync(context);
    }

    private async Task<IResult> RenderedAsync(HttpContext context, IReadOnlyList<AcceptedMediaType> wanted)
    {
        var (target, problem) = await reader.ReadAsync(context);
        if (target is null)
        {
            return problem!;
        }
        var request = WadoUriPicture.Read(context.Request.Query, target.Instance, out var frame, out var wrong);
        return request is null ? Problem.BadRequest(wrong) : await rendered.AnswerAsync(context, new RenderedCall(target, request, frame is { } one ? [one] : null, wanted));
    }
}

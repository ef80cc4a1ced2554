using VnaCloud.Dicom;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>
/// WADO-URI (PS3.18 chapter 9) for older clients: an instance as application/dicom, named in the query. It is the instance resource
/// under another URL, so it answers alike.
/// </summary>
internal sealed class WadoUriHandler(InstancesHandler instances)
{
    private static readonly MediaOffer[] Offers = [new(MediaTypeNames.Dicom, Multipart: false)];

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
        var syntax = query["transferSyntax"].ToString();
        if (syntax is not ("" or "*") && !DicomUid.IsValid(syntax))
        {
            return Problem.BadRequest("transferSyntax is not a UID.");
        }
        if (!Accept.TryRead(query["contentType"].ToString(), "", out var wanted))
        {
            return Problem.BadRequest("contentType is not a list of media types.");
        }
        // Without contentType images are asked for as JPEG (PS3.18 9.1.2.2.2), which needs a decoder.
        if (wanted.Count == 0 || Negotiator.Choose(wanted, Offers) is null)
        {
            return Problem.NotAcceptable(Offers);
        }
        // Clients of this service name no syntax and read what comes: a compressed instance is given as stored.
        context.Request.Headers.Accept = syntax.Length > 0 ? $"{MediaTypeNames.Dicom}; transfer-syntax={syntax}"
            : $"{MediaTypeNames.Dicom}, {MediaTypeNames.Dicom}; transfer-syntax=*; q=0.5";
        return await instances.GetAsync(context);
    }
}

using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Access;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Viewer;

/// <summary>
/// <c>/viewer/open</c>: the address that pages, share links and other systems (a RIS, a report) name. It finds the studies and goes to
/// where the viewer shows such: two studies beside each other, slides in the microscope.
/// </summary>
internal sealed class OpenHandler(ReachableIndex index, ViewerFiles files, BaseUrl baseUrl)
{
    /// <summary>Studies that one address may name.</summary>
    private const int MaxStudies = 8;

    /// <summary>Longest AccessionNumber (SH, PS3.5 6.2).</summary>
    private const int MaxAccession = 16;

    private const string How = "Name studies by StudyInstanceUIDs, one or several with commas between, or all studies of an order by AccessionNumber.";

    public async Task<IResult> OpenAsync(HttpContext context)
    {
        if (files.WhyNot is not null)
        {
            return Problem.NotFound(ViewerEndpoints.Missing);
        }
        var query = context.Request.Query;
        var uids = query["StudyInstanceUIDs"].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().ToList();
        var accession = query["AccessionNumber"].ToString().Trim();
        if ((uids.Count == 0) == (accession.Length == 0) || accession.Length > MaxAccession)
        {
            return Problem.BadRequest(How);
        }
        var wanted = uids.Count > 0 ? new Criterion(DicomTags.StudyInstanceUID, new Match.AnyOf(uids)) : new Criterion(DicomTags.AccessionNumber, new Match.AnyOf([accession]));
        var request = new SearchRequest { Tenant = TenantId.Default, Level = QueryLevel.Study, Criteria = [wanted], Limit = MaxStudies + 1 };
        var page = await index.SearchAsync(Visitor.Of(context), request, context.RequestAborted);
        var found = page.Rows.Select(row => row.Study).ToList();
        if (uids.Count > MaxStudies || found.Count > MaxStudies)
        {
            return Problem.BadRequest($"These are more than the {MaxStudies} studies that the viewer opens at once.");
        }
        if (found.Count == 0 || found.Count < uids.Count)
        {
            return Problem.NotFound(uids.Count > 1 ? "Not all of these studies are in the archive." : "There is no such study in the archive.");
        }
        // In the order that was asked for; those of an order with the newest first.
        found = uids.Count > 0 ? [.. found.OrderBy(study => uids.IndexOf(study.StudyUid))]
            : [.. found.OrderByDescending(study => study.Attributes.StudyDate + study.Attributes.StudyTime, StringComparer.Ordinal)];
        context.Response.Headers.CacheControl = "private, no-cache";
        return Results.Redirect($"{baseUrl.PathOf(context.Request)}/viewer/{AddressOf(found)}");
    }

    // A route of OHIF's is one of its modes; the layout for two studies has to be asked for.
    private static string AddressOf(List<StudyResult> studies)
    {
        var mode = studies.Exists(study => study.Modalities.Contains("SM")) ? "microscopy" : "viewer";
        var address = $"{mode}?{string.Join('&', studies.Select(study => $"StudyInstanceUIDs={Uri.EscapeDataString(study.StudyUid)}"))}";
        return studies.Count == 2 && mode == "viewer" ? $"{address}&hangingProtocolId=@ohif/hpCompare" : address;
    }
}

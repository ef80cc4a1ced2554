using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Stow;

/// <summary>The Store Instances Response Module (PS3.18 10.5.3.2 and Table I.1-1), as DICOM JSON or as native DICOM XML.</summary>
/// <param name="results">Of the instances, in their order.</param>
/// <param name="dicomWeb">Base of URLs.</param>
/// <param name="mediaType">DICOM JSON or native DICOM XML.</param>
/// <param name="unreferenced">Parts of bulk data that no metadata names.</param>
internal sealed class StowAnswer(IReadOnlyList<StoreResult> results, string dicomWeb, string mediaType, int unreferenced) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status();
        if (unreferenced > 0)
        {
            // No instance is to blame for them, and PS3.18 Table 10.5.3-2 has reasons for instances only.
            response.Headers.Append("Warning", $"299 {new Uri(dicomWeb).Authority}: {unreferenced} parts have a Content-Location that is no BulkDataURI of the metadata, and are not kept");
        }
        await DataSetBody.WriteAsync(response, Build(), mediaType, httpContext.RequestAborted);
    }

    // Table 10.5.3-1: 200 without failure or warning, 409 when nothing was stored, 202 between.
    private int Status()
    {
        var failed = results.Count(result => result.Failure != FailureReason.None);
        return failed == results.Count ? StatusCodes.Status409Conflict
            : failed > 0 || unreferenced > 0 || results.Any(result => result.Warning != WarningReason.None) ? StatusCodes.Status202Accepted
            : StatusCodes.Status200OK;
    }

    private DicomDataSet Build()
    {
        var data = new DicomDataSet();
        data.Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192");
        var stored = results.Where(result => result.Failure == FailureReason.None).ToList();
        var studies = stored.Select(result => result.StudyUid).Distinct().ToList();
        if (studies.Count == 1)
        {
            data.Set(DicomTags.RetrieveURL, DicomVr.UR, $"{dicomWeb}/studies/{studies[0]}");
        }
        data.AddSequence(DicomTags.ReferencedSOPSequence, stored, StoredItem);
        data.AddSequence(DicomTags.FailedSOPSequence, results.Where(result => result.Failure != FailureReason.None && result.SopUid.Length > 0), FailedItem);
        data.AddSequence(DicomTags.OtherFailuresSequence, results.Where(result => result.Failure != FailureReason.None && result.SopUid.Length == 0), OtherItem);
        return data;
    }

    private DicomDataSet StoredItem(DicomDataSet item, StoreResult result)
    {
        Reference(item, result);
        item.Set(DicomTags.RetrieveURL, DicomVr.UR, $"{dicomWeb}/studies/{result.StudyUid}/series/{result.SeriesUid}/instances/{result.SopUid}");
        if (result.Warning != WarningReason.None)
        {
            item.Set(DicomTags.WarningReason, (ushort)result.Warning);
            item.Set(DicomTags.ErrorComment, DicomVr.LO, result.Comment);
        }
        if (result.InvalidAttributes.Count > 0)
        {
            item.Set(new DicomElement(DicomTags.FailedAttributesSequence, result.InvalidAttributes
                .Select(attribute => new DicomDataSet { Parent = item }.Set(DicomTags.ErrorComment, DicomVr.LO, attribute.Comment)).ToList()));
        }
        return item;
    }

    private static DicomDataSet FailedItem(DicomDataSet item, StoreResult result) => OtherItem(Reference(item, result), result);

    private static DicomDataSet OtherItem(DicomDataSet item, StoreResult result) => item
        .Set(DicomTags.FailureReason, (ushort)result.Failure)
        .Set(DicomTags.ErrorComment, DicomVr.LO, result.Comment);

    // What is not a UID is not repeated: it came from outside and says nothing.
    private static DicomDataSet Reference(DicomDataSet item, StoreResult result) => item
        .Set(DicomTags.ReferencedSOPClassUID, DicomVr.UI, DicomUid.IsValid(result.SopClassUid) ? result.SopClassUid : "")
        .Set(DicomTags.ReferencedSOPInstanceUID, DicomVr.UI, DicomUid.IsTolerated(result.SopUid) ? result.SopUid : "");
}

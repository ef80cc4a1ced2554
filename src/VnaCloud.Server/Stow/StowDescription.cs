using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Stow;

/// <summary>Storing in the OpenAPI document.</summary>
internal static class StowDescription
{
    private const string Answer = "stow.json";

    public static OperationText Text { get; } = new(
        "STOW-RS (PS3.18 10.5). Each instance is judged by itself; the answer lists what is stored and what is not, with reasons (docs/conformance.md). The same instance again changes nothing. "
        + "The example is metadata with bulk data beside it; instances as PS3.10 files are parts of application/dicom, or one such file is the body.")
    {
        Request =
        [
            new("multipart/related; type=\"application/dicom\""),
            new(MediaTypeNames.Dicom),
            new("multipart/related; type=\"application/dicom+json\"", Example: "stow-request.txt"),
            new("multipart/related; type=\"application/dicom+xml\""),
        ],
        Answers =
        [
            new(200, "All are stored, or there already with equal content.", new BodyText(MediaTypeNames.DicomJson, Schemas.DataSet, Answer), new BodyText(MediaTypeNames.DicomXml)),
            new(202, "Some failed, or something was stored with a warning.", new BodyText(MediaTypeNames.DicomJson, Schemas.DataSet), new BodyText(MediaTypeNames.DicomXml)),
            new(409, "Nothing is stored.", new BodyText(MediaTypeNames.DicomJson, Schemas.DataSet), new BodyText(MediaTypeNames.DicomXml)),
        ],
        Problems = [400, 406, 413, 415, 503, 507],
    };
}

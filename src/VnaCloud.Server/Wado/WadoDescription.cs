using Microsoft.OpenApi;
using VnaCloud.Server.Http.Description;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>Retrieving in the OpenAPI document.</summary>
internal static class WadoDescription
{
    private static readonly ParameterText Accept = new("accept", "Instead of the header Accept.");
    private static readonly ParameterText KnownTag = new("If-None-Match", "The ETag of an earlier answer: 304 where it is still the same.") { In = ParameterLocation.Header };
    private static readonly ParameterText Range = new("Range", "One range of bytes.") { In = ParameterLocation.Header };
    private static readonly AnswerText NotModified = new(304, "As If-None-Match has it.");
    private static readonly BodyText Octets = new("multipart/related; type=\"application/octet-stream\"");

    private static readonly ParameterText[] PictureParameters =
    [
        new("window", "Center, width and function: `linear`, `linear-exact` or `sigmoid`.") { Example = "40,400,linear" },
        new("viewport", "Width and height of the picture, and perhaps the source's region: `vw,vh,sx,sy,sw,sh`. Negative `sw` and `sh` flip.") { Example = "64,64" },
        new("quality", "Of JPEG, 1 to 100. Default 90.", JsonSchemaType.Integer) { Example = 80 },
        new("iccprofile", "`no`, `yes`, `srgb`, `adobergb`, `rommrgb` or `displayp3`.") { Example = "no" },
        new("annotation", "`patient`, `technique`, or both with a comma between them.") { Example = "patient" },
    ];

    /// <param name="ofOne">An instance, and so one file.</param>
    public static OperationText Instances(bool ofOne) => new(
        "WADO-RS (PS3.18 10.4). The bytes as stored with `transfer-syntax=*`; without the parameter Explicit VR Little Endian; or a transfer syntax's UID (docs/conformance.md, Transcoding).")
    {
        Parameters = [Accept, KnownTag, Range],
        Answers =
        [
            new(200, "The instances.", new BodyText("multipart/related; type=\"application/dicom\""), new BodyText(ofOne ? MediaTypeNames.Dicom : "application/zip")),
            new(206, "A range; or those instances that can be given in this form, with a Warning."),
            NotModified,
        ],
        Problems = [400, 404, 406, 416, 503],
    };

    public static OperationText Metadata { get; } = new("WADO-RS (PS3.18 10.4.1.1.2). Bulk values are BulkDataURI. As XML each instance is a part.")
    {
        Parameters = [Accept, KnownTag],
        Answers =
        [
            new(200, "The metadata of the instances.", new BodyText(MediaTypeNames.DicomJson, Schemas.DataSets, "metadata.json"), new BodyText("multipart/related; type=\"application/dicom+xml\"")),
            NotModified,
        ],
        Problems = [400, 404, 406, 503],
    };

    public static OperationText Rendered { get; } = new(
        "WADO-RS (PS3.18 10.4.1.1.3). Of a study or series an image from its middle, of an instance its first frame; all of them in multipart/related. A PDF document is application/pdf, a video its stored type, a report text/html. "
        + "JPEG needs the codec worker.")
    {
        Parameters = [.. PictureParameters, Accept, KnownTag],
        Answers = [new(200, "The picture.", new BodyText(MediaTypeNames.Jpeg), new BodyText(MediaTypeNames.Png), new BodyText("multipart/related; type=\"image/png\"")), NotModified],
        Problems = [400, 404, 406, 503],
    };

    public static OperationText Thumbnail { get; } = new("WADO-RS (PS3.18 10.4.1.1.4): 128 pixels at most, unless `viewport` says otherwise; without overlays and annotations.")
    {
        Parameters = [PictureParameters[1], Accept, KnownTag],
        Answers = [new(200, "The picture.", new BodyText(MediaTypeNames.Jpeg), new BodyText(MediaTypeNames.Png)), NotModified],
        Problems = [400, 404, 406, 503],
    };

    public static OperationText Frames { get; } = new(
        "WADO-RS (PS3.18 10.4.1.1.6). Native frames are little endian octets; encapsulated ones are given in their media type, or decoded. One frame may be had alone.")
    {
        Parameters = [Accept, KnownTag, Range],
        Answers = [new(200, "The frames, in the order asked for.", Octets, new BodyText(MediaTypeNames.OctetStream)), new(206, "A range."), NotModified],
        Problems = [400, 404, 406, 416, 503],
    };

    public static OperationText PixelData { get; } = Frames with { Answers = [new(200, "All frames.", Octets), new(206, "A range."), NotModified] };

    public static OperationText BulkData { get; } = new("WADO-RS (PS3.18 10.4.1.1.5): what a BulkDataURI of the metadata leads to.")
    {
        Parameters = [Accept, KnownTag, Range],
        Answers = [new(200, "The value.", Octets, new BodyText(MediaTypeNames.OctetStream)), new(206, "A range."), NotModified],
        Problems = [400, 404, 406, 416, 503],
    };

    public static OperationText Uri { get; } = new("WADO-URI (PS3.18 9): one instance as a file, or what can be seen of it. Instances are not anonymized here.")
    {
        Parameters =
        [
            new("requestType", "`WADO`.") { IsRequired = true, Example = "WADO" },
            new("studyUID", "Study Instance UID.") { IsRequired = true, Example = "2.25.1001" },
            new("seriesUID", "Series Instance UID.") { IsRequired = true, Example = "2.25.1002" },
            new("objectUID", "SOP Instance UID.") { IsRequired = true, Example = "2.25.1003" },
            new("contentType", "Media types with commas between them: `application/dicom`, or those of /rendered. Default: what can be seen.") { Example = "application/dicom" },
            new("transferSyntax", "Of application/dicom: a UID, or `*` for what is stored.") { Example = "1.2.840.10008.1.2.1" },
            new("frameNumber", "Of a picture, from 1.", JsonSchemaType.Integer),
            new("rows", "Height of a picture.", JsonSchemaType.Integer),
            new("columns", "Width of a picture.", JsonSchemaType.Integer),
            new("region", "Part of the image: left, top, right, bottom, each from 0 to 1."),
            new("windowCenter", "With windowWidth.", JsonSchemaType.Number),
            new("windowWidth", "With windowCenter.", JsonSchemaType.Number),
            new("imageQuality", "Of JPEG, 1 to 100.", JsonSchemaType.Integer),
            new("annotation", "`patient`, `technique`, or both."),
        ],
        Answers = [new(200, "The instance.", new BodyText(MediaTypeNames.Dicom)), NotModified],
        Problems = [400, 404, 406, 503],
    };
}

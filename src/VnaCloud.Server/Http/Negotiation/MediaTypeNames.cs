namespace VnaCloud.Server.Http.Negotiation;

/// <summary>Names of media types, and which of them clients use for the same thing.</summary>
internal static class MediaTypeNames
{
    public const string Dicom = "application/dicom";
    public const string DicomJson = "application/dicom+json";
    public const string DicomXml = "application/dicom+xml";
    public const string Gif = "image/gif";
    public const string Html = "text/html";
    public const string Jpeg = "image/jpeg";
    public const string Json = "application/json";
    public const string MultipartRelated = "multipart/related";
    public const string OctetStream = "application/octet-stream";
    public const string Pdf = "application/pdf";
    public const string Png = "image/png";
    public const string ProblemJson = "application/problem+json";
    public const string Zip = "application/zip";

    /// <summary>The standard's name for a type that clients ask for by another.</summary>
    public static string Canonical(string name) => name switch
    {
        Json => DicomJson,
        "image/x-jls" => "image/jls",
        "image/jph" or "image/j2c" => "image/jphc",
        _ => name,
    };
}

using System.Buffers;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Http;

/// <summary>The body of a short answer that is a data set, as DICOM JSON or as native DICOM XML (PS3.18 Annex F, PS3.19 A.1).</summary>
internal static class DataSetBody
{
    /// <summary>What can be negotiated.</summary>
    public static readonly MediaOffer[] Offers = [new(MediaTypeNames.DicomJson, Multipart: false), new(MediaTypeNames.DicomXml, Multipart: false)];

    /// <param name="response">The answer, whose status is set.</param>
    /// <param name="data">The data set; attributes of group 0000 are written too.</param>
    /// <param name="mediaType">One of <see cref="Offers"/>.</param>
    /// <param name="cancellation">Stops the sending.</param>
    public static async Task WriteAsync(HttpResponse response, DicomDataSet data, string mediaType, CancellationToken cancellation)
    {
        response.ContentType = mediaType;
        var body = mediaType == MediaTypeNames.DicomXml ? Xml(data) : Json(data);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellation);
    }

    private static ReadOnlyMemory<byte> Xml(DicomDataSet data)
    {
        using var document = new MemoryStream();
        DicomXmlWriter.Write(document, data, new DicomXmlOptions { WritesCommandGroup = true });
        return document.ToArray();
    }

    private static ReadOnlyMemory<byte> Json(DicomDataSet data)
    {
        var json = new ArrayBufferWriter<byte>();
        new DicomJsonWriter(json, new DicomJsonOptions { WritesCommandGroup = true }).Write(data);
        return json.WrittenMemory;
    }
}

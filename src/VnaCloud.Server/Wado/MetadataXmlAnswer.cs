using System.Text.Json;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http;
using VnaCloud.Server.Http.Multipart;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Wado;

/// <summary>
/// /metadata as the Native DICOM Model (PS3.19 A.1): a part for each instance, made of its stored JSON one after the other. Its length is
/// not known before, so there is none. Only a series or study of JSON is fast.
/// </summary>
internal sealed class MetadataXmlAnswer(WadoTarget target, BoundaryMaker boundaries, bool alone) : IResult
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = DicomJsonReader.MaxJsonDepth };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var tag = Representation.Tag(target.View.Instances, $"metadata:xml:{alone}:{target.DicomWebUrl}");
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "private, no-cache";
        if (Conditional.IsNotModified(request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var form = new MultipartAnswer(boundaries.Of(tag), MediaTypeNames.DicomXml);
        response.ContentType = alone ? MediaTypeNames.DicomXml : form.ContentType;
        if (HttpMethods.IsHead(request.Method))
        {
            return;
        }
        var stored = new StoredMetadata(target.Objects);
        for (var i = 0; i < target.View.Instances.Count; i++)
        {
            var document = ToXml(await stored.ReadAsync(target.View.Instances[i].Metadata, target.DicomWebUrl, httpContext.RequestAborted));
            if (!alone)
            {
                await response.Body.WriteAsync(form.PartHeader(i == 0, MediaTypeNames.DicomXml), httpContext.RequestAborted);
            }
            await response.Body.WriteAsync(document, httpContext.RequestAborted);
        }
        if (!alone)
        {
            await response.Body.WriteAsync(form.Closing, httpContext.RequestAborted);
        }
    }

    private static ReadOnlyMemory<byte> ToXml(byte[] json)
    {
        var uris = new List<string>();
        using var document = JsonDocument.Parse(json, Deep);
        var dataSet = DicomJsonReader.Read(document.RootElement, reference =>
        {
            // A value that is elsewhere: its place stands for its URI.
            uris.Add(reference.Uri);
            return DicomElement.Located(reference.Tag, reference.Vr, uris.Count - 1, 1, bigEndian: false);
        });
        using var xml = new MemoryStream();
        DicomXmlWriter.Write(xml, dataSet, new DicomXmlOptions { InlineLimit = int.MaxValue, BulkDataUri = (element, _) => uris[(int)element.Offset] });
        return xml.GetBuffer().AsMemory(0, (int)xml.Length);
    }
}

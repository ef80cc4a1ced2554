using System.Net;
using System.Net.Http.Headers;

namespace VnaCloud.EndToEnd.Tests.Memory;

/// <summary>A multipart body of one large object, its length not declared.</summary>
internal sealed class LargeBody : HttpContent
{
    private readonly LargeObject _object;

    public LargeBody(LargeObject large)
    {
        _object = large;
        Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom\"; boundary=large");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync("--large\r\nContent-Type: application/dicom\r\n\r\n"u8.ToArray());
        await _object.WriteAsync(stream);
        await stream.WriteAsync("\r\n--large--\r\n"u8.ToArray());
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

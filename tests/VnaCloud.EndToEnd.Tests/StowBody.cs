using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace VnaCloud.EndToEnd.Tests;

/// <summary>A multipart/related body of PS3.10 files (PS3.18 section 10.5.1) that tells when its sending began.</summary>
internal sealed class StowBody : HttpContent
{
    private const string Boundary = "c2ad1e1f-of-a-test";
    private static readonly byte[] Opening = Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Type: application/dicom\r\n\r\n");
    private static readonly byte[] Between = Encoding.ASCII.GetBytes("\r\n");
    private static readonly byte[] Closing = Encoding.ASCII.GetBytes($"--{Boundary}--\r\n");

    private readonly IReadOnlyList<byte[]> _files;

    public StowBody(IReadOnlyList<byte[]> files)
    {
        _files = files;
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={Boundary}");
    }

    /// <summary>Timestamp of the first byte handed to the connection; null before.</summary>
    public long? StartedAt { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        StartedAt = Stopwatch.GetTimestamp();
        foreach (var file in _files)
        {
            await stream.WriteAsync(Opening);
            await stream.WriteAsync(file);
            await stream.WriteAsync(Between);
        }
        await stream.WriteAsync(Closing);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _files.Sum(file => (long)file.Length + Opening.Length + Between.Length) + Closing.Length;
        return true;
    }
}

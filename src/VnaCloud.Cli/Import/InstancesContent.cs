using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.Cli.Import;

/// <summary>Files as a multipart/related body (PS3.18 8.6.1.2), streamed from the disk, its length known beforehand.</summary>
internal sealed class InstancesContent : HttpContent
{
    private readonly IReadOnlyList<ImportFile> _files;
    private readonly byte[] _head;
    private readonly byte[] _end;

    public InstancesContent(IReadOnlyList<ImportFile> files)
    {
        _files = files;
        var boundary = $"vna-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        _head = Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n");
        _end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={boundary}");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var file in _files)
        {
            await stream.WriteAsync(_head, cancellationToken);
            await using var bytes = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            await bytes.CopyToAsync(stream, 256 * 1024, cancellationToken);
        }
        await stream.WriteAsync(_end, cancellationToken);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = _files.Sum(file => _head.Length + file.Length) + _end.Length;
        return true;
    }
}

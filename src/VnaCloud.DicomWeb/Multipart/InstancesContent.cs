using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.DicomWeb;

/// <summary>An instance to be sent: a PS3.10 file, opened when its turn comes, and again for another attempt.</summary>
/// <param name="SopInstanceUid">As the answer will name it.</param>
/// <param name="Length">Bytes; null when they are not known beforehand.</param>
/// <param name="Open">Opens it at its beginning.</param>
public sealed record OutgoingInstance(string SopInstanceUid, long? Length, Func<CancellationToken, ValueTask<Stream>> Open)
{
    /// <summary>A file of this machine.</summary>
    public static OutgoingInstance File(string sopInstanceUid, string path) => File(sopInstanceUid, path, new FileInfo(path).Length);

    /// <summary>A file whose length is known; another one then is a <see cref="WebFault.Source"/>.</summary>
    public static OutgoingInstance File(string sopInstanceUid, string path, long length) => new(sopInstanceUid, length, _ =>
        ValueTask.FromResult<Stream>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan)));
}

/// <summary>Instances as a multipart/related body (PS3.18 8.6.1.2), streamed; its length is declared when all lengths are known.</summary>
internal sealed class InstancesContent : HttpContent
{
    private const int PieceBytes = 128 * 1024;
    private readonly IReadOnlyList<OutgoingInstance> _instances;
    private readonly Silence _silence;
    private readonly byte[] _head;
    private readonly byte[] _end;

    public InstancesContent(IReadOnlyList<OutgoingInstance> instances, Silence silence)
    {
        (_instances, _silence) = (instances, silence);
        var boundary = $"vna-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        _head = Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n");
        _end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={boundary}");
    }

    /// <summary>Why an instance could not be read, when that was what ended the request.</summary>
    public Exception? SourceFailure { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            foreach (var instance in _instances)
            {
                await stream.WriteAsync(_head, cancellationToken);
                await using var source = await ReadingAsync(() => instance.Open(cancellationToken));
                await CopyAsync(instance, source, stream, buffer, cancellationToken);
            }
            await stream.WriteAsync(_end, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = _instances.Sum(instance => _head.Length + (instance.Length ?? 0)) + _end.Length;
        return _instances.All(instance => instance.Length is not null);
    }

    private async Task CopyAsync(OutgoingInstance instance, Stream source, Stream target, byte[] buffer, CancellationToken cancellation)
    {
        long copied = 0;
        int read;
        while ((read = await ReadingAsync(() => source.ReadAsync(buffer, cancellation))) > 0)
        {
            copied += read;
            if (copied > instance.Length)
            {
                break;
            }
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            _silence.Break();
        }
        if (instance.Length is { } length && copied != length)
        {
            SourceFailure = new IOException("An instance does not have the length that was declared for it.");
            throw SourceFailure;
        }
    }

    private async ValueTask<T> ReadingAsync<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            SourceFailure = failure;
            throw;
        }
    }
}

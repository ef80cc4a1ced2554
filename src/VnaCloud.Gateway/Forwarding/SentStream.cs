using VnaCloud.DicomWeb;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>A file on its way out, no faster than it may be.</summary>
internal sealed class SentStream(Stream file, Bandwidth bandwidth, ConnectionWindow window) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await file.ReadAsync(buffer[..bandwidth.Piece(buffer.Length)], cancellationToken);
        await bandwidth.WaitAsync(read, cancellationToken);
        window.Moved(read);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }
        base.Dispose(disposing);
    }
}

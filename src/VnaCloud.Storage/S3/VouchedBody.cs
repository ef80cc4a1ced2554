namespace VnaCloud.Storage;

/// <summary>
/// A body that a digest in a signed header vouches for. The SDK would read it to its end for the signature, a second hash of all bytes; of a
/// body that it cannot seek in, it signs UNSIGNED-PAYLOAD. While it makes the request it must be able to seek, and therefore find the length.
/// </summary>
internal sealed class VouchedBody(Stream body) : Stream
{
    private bool _made;

    public override bool CanRead => true;

    public override bool CanSeek => !_made;

    public override bool CanWrite => false;

    public override long Length => body.Length;

    public override long Position { get => body.Position; set => body.Position = value; }

    /// <summary>The request is made and not yet signed.</summary>
    public void Made() => _made = true;

    public override int Read(byte[] buffer, int offset, int count) => body.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => body.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => body.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        body.ReadAsync(buffer, offset, count, cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => body.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }
        base.Dispose(disposing);
    }
}

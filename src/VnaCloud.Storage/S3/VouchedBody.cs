using VnaCloud.Dicom;

namespace VnaCloud.Storage;

/// <summary>
/// A body that a digest in a signed header vouches for. The SDK would read it to its end for the signature, a second hash of all bytes; of a
/// body that it cannot seek in, it signs UNSIGNED-PAYLOAD. While it makes the request it must be able to seek, and therefore find the length.
/// </summary>
internal sealed class VouchedBody(Stream body) : ReadOnlyStream(body)
{
    private bool _made;

    public override bool CanSeek => !_made;

    public override long Length => Body.Length;

    public override long Position { get => Body.Position; set => Body.Position = value; }

    /// <summary>The request is made and not yet signed.</summary>
    public void Made() => _made = true;

    public override int Read(byte[] buffer, int offset, int count) => Body.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => Body.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Body.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Body.ReadAsync(buffer, offset, count, cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => Body.Seek(offset, origin);
}

namespace VnaCloud.Dicom;

/// <summary>A <see cref="ByteSource"/> over bytes that are all here.</summary>
public sealed class MemorySource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    private int _position;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Window => bytes[_position..];

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override int MaxWindow => int.MaxValue;

    /// <inheritdoc/>
    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(bytes.Length - _position));
        _position += count;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> FillAsync(CancellationToken cancellation) => new(false);
}

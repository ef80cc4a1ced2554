namespace VnaCloud.Dicom.Tests;

/// <summary>A connection that gives a few bytes at a time, so that every element is split at every place.</summary>
internal sealed class TrickleSource(ReadOnlyMemory<byte> bytes, int step) : ByteSource
{
    private int _position;
    private int _arrived;

    public override ReadOnlyMemory<byte> Window => bytes[_position.._arrived];

    public override long Position => _position;

    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _arrived - _position);
        _position += count;
    }

    public override ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        var before = _arrived;
        _arrived = Math.Min(_arrived + step, bytes.Length);
        return new(_arrived > before);
    }
}

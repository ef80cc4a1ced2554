namespace VnaCloud.Imaging;

/// <summary>Frames of single bits, each of which starts on a byte, without gaps between them (PS3.5 8.1.1: the first pixel is the lowest bit).</summary>
/// <param name="frameBits">Bits of a frame.</param>
public sealed class BitJoiner(long frameBits)
{
    private int _carried, _count;

    /// <summary>The whole bytes that there are with this frame.</summary>
    public ReadOnlyMemory<byte> Add(ReadOnlySpan<byte> frame)
    {
        var joined = new byte[(int)((_count + frameBits) / 8)];
        var (at, left) = (0, frameBits);
        foreach (var eight in frame)
        {
            var bits = (int)Math.Min(8, left);
            _carried |= (eight & ((1 << bits) - 1)) << _count;
            _count += bits;
            left -= bits;
            if (_count >= 8)
            {
                joined[at++] = (byte)_carried;
                _carried >>= 8;
                _count -= 8;
            }
        }
        return joined;
    }

    /// <summary>The last byte, where it is not full.</summary>
    public ReadOnlyMemory<byte> Rest => _count == 0 ? default : new[] { (byte)_carried };
}

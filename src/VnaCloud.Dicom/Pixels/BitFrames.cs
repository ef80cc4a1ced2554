namespace VnaCloud.Dicom;

/// <summary>Native one-bit frames, which follow each other without alignment (PS3.5 section 8.1.1): a frame may begin inside a byte.</summary>
public static class BitFrames
{
    /// <summary>
    /// Copies a run of bits to the start of <paramref name="destination"/>. Bits are counted from the least significant of each byte;
    /// what is left of the destination's last byte, and any bytes after it, become zero.
    /// </summary>
    /// <param name="source">Little endian pixel data, from the byte in which the first bit lies or earlier.</param>
    /// <param name="firstBit">The first bit, counted from the start of <paramref name="source"/>.</param>
    /// <param name="bits">Bits to copy.</param>
    /// <param name="destination">At least (<paramref name="bits"/> + 7) / 8 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The source does not hold the bits, or the destination is too short.</exception>
    public static void Extract(ReadOnlySpan<byte> source, int firstBit, long bits, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstBit);
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBit + bits, 8L * source.Length, nameof(bits));
        var length = (int)((bits + 7) / 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, length, nameof(destination));
        var first = firstBit / 8;
        var shift = firstBit % 8;
        var from = source[first..];
        if (shift == 0)
        {
            from[..length].CopyTo(destination);
        }
        else
        {
            for (var i = 0; i < length; i++)
            {
                var high = i + 1 < from.Length ? from[i + 1] : 0;
                destination[i] = (byte)((from[i] >> shift) | (high << (8 - shift)));
            }
        }
        if (bits % 8 != 0)
        {
            destination[length - 1] &= (byte)((1 << (int)(bits % 8)) - 1);
        }
        destination[length..].Clear();
    }
}

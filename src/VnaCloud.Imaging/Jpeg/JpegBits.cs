using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace VnaCloud.Imaging;

/// <summary>
/// The bits of entropy-coded segments (T.81 section F.2.2.5), without the zero bytes stuffed behind FF. At a marker, or the end of the
/// stream, zeros go on: <see cref="RequireReal"/> tells whether any of them was taken.
/// </summary>
internal ref struct JpegBits(ReadOnlySpan<byte> stream, int position)
{
    private readonly ReadOnlySpan<byte> _stream = stream;

    // The next bit is the highest; below the last one everything is zero.
    private ulong _bits;
    private int _count;
    private int _invented;

    /// <summary>The byte to fill with next.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Makes at least 32 bits ready: a code of 16 and the 16 behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fill()
    {
        if (_count < 32)
        {
            FillWord();
        }
    }

    /// <summary>The next bits, 1 to 16, which stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Peek(int count) => (int)(_bits >> (64 - count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(int count)
    {
        _bits <<= count;
        _count -= count;
    }

    /// <summary>Takes a value of this many bits, 1 to 16, where a leading zero means negative (EXTEND, T.81 Figure F.12).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeExtended(int count)
    {
        var value = Peek(count);
        Skip(count);
        var belowZero = (value - (1 << (count - 1))) >> 31;
        return value + (belowZero & (1 - (1 << count)));
    }

    /// <exception cref="ImageException">More bits were taken than there were.</exception>
    public readonly void RequireReal()
    {
        if (_count < _invented)
        {
            throw new ImageException($"JPEG data ends at byte {Position}{(Position < _stream.Length ? " with a marker" : "")} before the scan does.");
        }
    }

    /// <summary>Goes behind a restart marker (T.81 section F.2.2.6); bits before it are padding.</summary>
    /// <exception cref="ImageException">Another marker comes first.</exception>
    public void Restart(int number)
    {
        var segments = new JpegSegments(_stream) { Position = Position };
        var marker = segments.NextMarker();
        if (marker != JpegMarker.FirstRestart + (number & 7))
        {
            throw new ImageException($"The JPEG stream has marker FF{marker:X2} before byte {segments.Position}, not RST{number & 7}.");
        }
        Position = segments.Position;
        (_bits, _count, _invented) = (0, 0, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FillWord()
    {
        if (Position <= _stream.Length - 4)
        {
            var word = BinaryPrimitives.ReadUInt32BigEndian(_stream[Position..]);
            // No byte is FF when no byte of the complement is zero.
            if (((~word - 0x0101_0101) & word & 0x8080_8080) == 0)
            {
                _bits |= (ulong)word << (32 - _count);
                _count += 32;
                Position += 4;
                return;
            }
        }
        FillBytes();
    }

    private void FillBytes()
    {
        while (_count <= 56)
        {
            var value = NextByte();
            if (value < 0)
            {
                value = 0;
                _invented += 8;
            }
            _bits |= (ulong)value << (56 - _count);
            _count += 8;
        }
    }

    // -1 at a marker and at the end.
    private int NextByte()
    {
        if (Position >= _stream.Length)
        {
            return -1;
        }
        var value = _stream[Position];
        if (value != JpegMarker.Prefix)
        {
            Position++;
            return value;
        }
        if (Position + 1 < _stream.Length && _stream[Position + 1] == 0)
        {
            Position += 2;
            return value;
        }
        return -1;
    }
}

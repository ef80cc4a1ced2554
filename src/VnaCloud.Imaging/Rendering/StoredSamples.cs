using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>
/// The samples of a native frame with one sample a pixel: as codes (the bits of a sample that are its value, PS3.5 section 8.1.1) and
/// as the numbers that codes stand for.
/// </summary>
internal readonly ref struct StoredSamples
{
    private readonly ReadOnlySpan<byte> _frame;
    private readonly SampleKind _kind;
    private readonly int _allocated;
    private readonly int _shift;
    private readonly int _stored;
    private readonly bool _signed;

    public StoredSamples(ImagePixels pixels, ReadOnlySpan<byte> frame, SampleKind kind)
    {
        _kind = kind;
        _allocated = kind switch { SampleKind.Float => 32, SampleKind.Double => 64, _ => pixels.BitsAllocated };
        _stored = kind == SampleKind.Integer ? pixels.BitsStored : _allocated;
        _shift = kind == SampleKind.Integer ? pixels.HighBit + 1 - pixels.BitsStored : 0;
        _signed = kind == SampleKind.Integer && pixels.IsSigned;
        Count = pixels.Rows * pixels.Columns;
        var length = (((long)Count * _allocated) + 7) / 8;
        _frame = frame.Length >= length ? frame[..(int)length]
            : throw new ImageException($"The frame has {frame.Length} bytes of {length}.");
    }

    /// <summary>Samples of the frame.</summary>
    public int Count { get; }

    /// <summary>Codes there can be, or 0 where they are too many for a table.</summary>
    public int Codes => _stored <= 16 ? 1 << _stored : 0;

    /// <summary>Zero and one are all there is.</summary>
    public bool IsBinary => _stored == 1;

    /// <summary>The number of a sample.</summary>
    public double this[int index] => Value(Code(index));

    /// <summary>The number of a code.</summary>
    public double Value(ulong code) => _kind switch
    {
        SampleKind.Float => BitConverter.UInt32BitsToSingle((uint)code),
        SampleKind.Double => BitConverter.UInt64BitsToDouble(code),
        _ => _signed ? (long)(code << (64 - _stored)) >> (64 - _stored) : (double)code,
    };

    /// <summary>The entry of each sample's code.</summary>
    public void Map(ReadOnlySpan<byte> table, Span<byte> output)
    {
        // Most images are such: a loop of their own shows them in a millisecond instead of four.
        if (_allocated == 16)
        {
            var mask = Codes - 1;
            for (var i = 0; i < output.Length; i++)
            {
                output[i] = table[(BinaryPrimitives.ReadUInt16LittleEndian(_frame[(2 * i)..]) >> _shift) & mask];
            }
            return;
        }
        for (var i = 0; i < output.Length; i++)
        {
            output[i] = table[(int)Code(i)];
        }
    }

    /// <summary>Marks the codes that occur.</summary>
    public void Mark(Span<bool> seen)
    {
        if (_allocated == 16)
        {
            var mask = Codes - 1;
            for (var i = 0; i < Count; i++)
            {
                seen[(BinaryPrimitives.ReadUInt16LittleEndian(_frame[(2 * i)..]) >> _shift) & mask] = true;
            }
            return;
        }
        for (var i = 0; i < Count; i++)
        {
            seen[(int)Code(i)] = true;
        }
    }

    /// <summary>The code of a sample.</summary>
    public ulong Code(int index)
    {
        var sample = _allocated switch
        {
            // Bits are packed from the least significant of each byte.
            1 => (ulong)(_frame[index >> 3] >> (index & 7)) & 1,
            8 => _frame[index],
            16 => BinaryPrimitives.ReadUInt16LittleEndian(_frame[(2 * index)..]),
            32 => BinaryPrimitives.ReadUInt32LittleEndian(_frame[(4 * index)..]),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(_frame[(8 * index)..]),
        };
        return (sample >> _shift) & (ulong.MaxValue >> (64 - _stored));
    }
}

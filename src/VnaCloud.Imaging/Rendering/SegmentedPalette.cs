using System.Buffers.Binary;
using VnaCloud.Dicom;

namespace VnaCloud.Imaging;

/// <summary>Palettes written as segments (PS3.3 C.7.9.2): runs of entries, straight lines, and repetitions of earlier segments.</summary>
internal ref struct SegmentedPalette
{
    /// <summary>Most segments that are expanded, repetitions counted each time; 65,536, one for each entry. Empty ones could go on for ever.</summary>
    public const int MaxSegments = 1 << 16;

    private const int Discrete = 0;
    private const int Linear = 1;
    private const int Indirect = 2;
    private const int OffsetLength = 4;
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _size;
    private readonly ushort[] _entries;
    private int _count;
    private int _segments;

    private SegmentedPalette(ReadOnlySpan<byte> data, LutDescriptor descriptor)
    {
        _data = data;
        // The fields of a segment are as wide as the entries.
        _size = descriptor.Bits > 8 ? 2 : 1;
        _entries = new ushort[descriptor.Entries];
    }

    private readonly bool IsFull => _count == _entries.Length;

    /// <summary>The table that the segments describe, never more entries than the descriptor says; null where there are no segments.</summary>
    /// <exception cref="ImageException">A segment is none of the three, or begins where there is nothing to continue.</exception>
    public static LookupTable? Of(DicomDataSet dataSet, DicomTag data, LutDescriptor descriptor)
    {
        if (dataSet[data] is not { Value.IsEmpty: false } element)
        {
            return null;
        }
        var bytes = ByteOrder.Swapped(element.Value.Span, element.IsBigEndian ? element.Vr.SwapUnit() : 1);
        var palette = new SegmentedPalette(bytes, descriptor);
        palette.Expand(0, int.MaxValue, isNested: false);
        return palette._count > 0 ? new LookupTable(palette._entries[..palette._count], descriptor.First, descriptor.Bits)
            : throw new ImageException("A segmented palette has no entries.");
    }

    // What is left behind the last whole segment is padding to even length.
    private void Expand(int position, int segments, bool isNested)
    {
        while (segments-- > 0 && !IsFull && position + (3 * _size) <= _data.Length)
        {
            if (++_segments > MaxSegments)
            {
                throw new ImageException($"A segmented palette has more than {MaxSegments} segments.");
            }
            var opcode = Field(position);
            var length = Field(position + _size);
            position += 2 * _size;
            switch (opcode)
            {
                case Discrete:
                    position = Copy(position, length);
                    break;
                case Linear:
                    DrawLine(length, Field(position));
                    position += _size;
                    break;
                case Indirect when !isNested:
                    Expand(Offset(position), length, isNested: true);
                    position += OffsetLength;
                    break;
                default:
                    // Also a repetition of a repetition, which C.7.9.2.3 forbids and which need not end.
                    throw new ImageException($"A segmented palette has a segment of type {opcode} where none may be.");
            }
        }
    }

    private int Copy(int position, int length)
    {
        for (; length > 0 && !IsFull && position + _size <= _data.Length; length--, position += _size)
        {
            _entries[_count++] = (ushort)Field(position);
        }
        return position;
    }

    // From the last entry, which is not drawn again, to the end value, which is.
    private void DrawLine(int length, int end)
    {
        if (_count == 0)
        {
            throw new ImageException("A segmented palette begins with a line that has no beginning.");
        }
        var start = _entries[_count - 1];
        for (var i = 1; i <= length && !IsFull; i++)
        {
            _entries[_count++] = (ushort)Math.Round(start + ((end - start) * (double)i / length));
        }
    }

    private readonly int Field(int position) => _size == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(_data[position..]) : _data[position];

    // In bytes from the first segment; the less significant half comes first, for fields of 8 bits too.
    private readonly int Offset(int position) =>
        position + OffsetLength <= _data.Length && BinaryPrimitives.ReadUInt32LittleEndian(_data[position..]) is var offset && offset < _data.Length
            ? (int)offset : throw new ImageException("A segmented palette points behind its end.");
}

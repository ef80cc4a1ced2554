using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VnaCloud.Dicom;

/// <summary>Byte order of values (PS3.5 section 7.3).</summary>
public static class ByteOrder
{
    /// <summary>A copy with each unit of 2, 4 or 8 bytes reversed; bytes past the last whole unit stay as they are.</summary>
    public static byte[] Swapped(ReadOnlySpan<byte> bytes, int unit)
    {
        var copy = bytes.ToArray();
        Swap(copy, unit);
        return copy;
    }

    /// <summary>Reverses each unit of 2, 4 or 8 bytes in place.</summary>
    public static void Swap(Span<byte> bytes, int unit)
    {
        var whole = bytes[..(bytes.Length - bytes.Length % Math.Max(unit, 1))];
        switch (unit)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(whole);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, uint>(whole);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, ulong>(whole);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
            case 1:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(unit), unit, "Units are 1, 2, 4 or 8 bytes.");
        }
    }
}

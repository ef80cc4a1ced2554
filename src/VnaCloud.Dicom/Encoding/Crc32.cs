using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VnaCloud.Dicom;

/// <summary>CRC-32 as gzip, ZIP and PNG use it (RFC 1952 section 8), with the combination of two of them that lets stored segments be joined unread.</summary>
public static class Crc32
{
    private const uint Polynomial = 0xEDB8_8320;
    private static readonly uint[] Table = MakeTable();
    private static readonly uint[] Powers = MakePowers();

    /// <summary>Goes on with a CRC; begin with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var table = Table;
        crc = ~crc;
        while (bytes.Length >= 8)
        {
            // Eight table look-ups a step, none waiting for the other (slicing by eight).
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = table[0x700 + (low & 0xFF)] ^ table[0x600 + ((low >> 8) & 0xFF)] ^ table[0x500 + ((low >> 16) & 0xFF)] ^ table[0x400 + (low >> 24)]
                ^ table[0x300 + (high & 0xFF)] ^ table[0x200 + ((high >> 8) & 0xFF)] ^ table[0x100 + ((high >> 16) & 0xFF)] ^ table[high >> 24];
            bytes = bytes[8..];
        }
        foreach (var value in bytes)
        {
            crc = (crc >> 8) ^ table[(byte)(crc ^ value)];
        }
        return ~crc;
    }

    /// <summary>The CRC of two stretches put together, from theirs and the length of the second.</summary>
    public static uint Combine(uint first, uint second, long secondLength) => Shift(first, PowerOfBytes(secondLength)) ^ second;

    /// <summary>The CRC moved along by a length whose <see cref="PowerOfBytes"/> is known: what combining costs when lengths repeat.</summary>
    public static uint Shift(uint crc, uint power) => Multiply(power, crc);

    /// <summary>x^(8 * length) modulo the polynomial.</summary>
    public static uint PowerOfBytes(long length)
    {
        var result = 1u << 31;
        for (var bit = 3; length != 0; bit++, length >>= 1)
        {
            if ((length & 1) != 0)
            {
                result = Multiply(Powers[bit & 31], result);
            }
        }
        return result;
    }

    // A /metadata answer of a thousand slices combines four thousand CRCs.
    private static uint Multiply(uint a, uint b) => Pclmulqdq.IsSupported ? MultiplyAtOnce(a, b) : MultiplyByBits(a, b);

    // The highest bit is x^0: the product's is bit 62. The upper half of it is a remainder already, the lower one stands 32 places further.
    internal static uint MultiplyAtOnce(uint a, uint b)
    {
        var product = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)a), Vector128.CreateScalar((ulong)b), 0).ToScalar() << 1;
        var far = (uint)product;
        var table = Table;
        return (uint)(product >> 32)
            ^ table[0x300 + (far & 0xFF)] ^ table[0x200 + ((far >> 8) & 0xFF)] ^ table[0x100 + ((far >> 16) & 0xFF)] ^ table[far >> 24];
    }

    internal static uint MultiplyByBits(uint a, uint b)
    {
        var product = 0u;
        for (var mask = 1u << 31; mask != 0; mask >>= 1)
        {
            if ((a & mask) != 0)
            {
                product ^= b;
                if ((a & (mask - 1)) == 0)
                {
                    break;
                }
            }
            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }
        return product;
    }

    private static uint[] MakePowers()
    {
        var powers = new uint[32];
        var power = 1u << 30;
        for (var i = 0; i < 32; i++)
        {
            powers[i] = power;
            power = Multiply(power, power);
        }
        return powers;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[8 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            }
            table[i] = crc;
        }
        for (var i = 256; i < table.Length; i++)
        {
            table[i] = (table[i - 256] >> 8) ^ table[(byte)table[i - 256]];
        }
        return table;
    }
}

using System.Buffers.Binary;

namespace VnaCloud.Archive;

/// <summary>What goes around deflate segments to make a gzip stream of them (RFC 1952), and between them.</summary>
internal static class GzipFrame
{
    /// <summary>A final stored block of no bytes, CRC-32, length.</summary>
    public const int TrailerLength = 5 + 8;

    /// <summary>Bytes that a stored block adds to its text.</summary>
    public const int StoredOverhead = 5;

    /// <summary>Longest text of one stored block (RFC 1951 section 3.2.4).</summary>
    public const int MaxStored = 65_535;

    /// <summary>Magic, deflate, no flags, no time, no extra flags, unknown system.</summary>
    public static ReadOnlySpan<byte> Header => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

    /// <summary>The end of a gzip stream whose text has this CRC and length.</summary>
    public static byte[] Trailer(uint crc, long length)
    {
        var trailer = new byte[TrailerLength];
        WriteStoredHeader(trailer, 0, final: true);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(5), crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(9), (uint)length);
        return trailer;
    }

    /// <summary>A stored block, byte-aligned because everything before it is.</summary>
    public static byte[] Stored(ReadOnlySpan<byte> text)
    {
        var block = new byte[StoredOverhead + text.Length];
        WriteStoredHeader(block, text.Length, final: false);
        text.CopyTo(block.AsSpan(StoredOverhead));
        return block;
    }

    private static void WriteStoredHeader(Span<byte> block, int length, bool final)
    {
        block[0] = final ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(block[3..], (ushort)~length);
    }
}

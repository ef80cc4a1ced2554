using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VnaCloud.Server.Wado;

/// <summary>A file of a ZIP.</summary>
/// <param name="Name">ASCII.</param>
/// <param name="Size">Bytes, stored uncompressed.</param>
/// <param name="Offset">Of its local header.</param>
/// <param name="Time">Of modification.</param>
internal readonly record struct ZipEntry(string Name, long Size, long Offset, DateTimeOffset Time)
{
    public uint Crc { get; init; }

    /// <summary>Sizes of 4 GiB and more need the ZIP64 form.</summary>
    public bool IsLarge => Size >= uint.MaxValue;
}

/// <summary>
/// The records of a ZIP with stored entries, data descriptors and ZIP64 (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3). The ZIP64
/// end is always written: readers that need none pass over it, and the length of the answer does not depend on its content.
/// </summary>
internal static class ZipFormat
{
    private const int LocalHeader = 30;
    private const int CentralHeader = 46;
    private const int Zip64Local = 20;
    private const int Zip64Central = 28;
    private const ushort VersionZip64 = 45;
    private const ushort DescriptorFlag = 8;

    public const int EndLength = 56 + 20 + 22;

    public static int LocalLength(ZipEntry entry) => LocalHeader + entry.Name.Length + (entry.IsLarge ? Zip64Local : 0);

    public static int DescriptorLength(ZipEntry entry) => entry.IsLarge ? 24 : 16;

    public static int CentralLength(ZipEntry entry) => CentralHeader + entry.Name.Length + Zip64Central;

    public static void WriteLocal(IBufferWriter<byte> output, ZipEntry entry)
    {
        var span = output.GetSpan(LocalLength(entry));
        var at = 0;
        Put32(span, ref at, 0x0403_4B50);
        PutCommon(span, ref at, entry.Time);
        Put32(span, ref at, 0);
        Put32(span, ref at, entry.IsLarge ? uint.MaxValue : 0);
        Put32(span, ref at, entry.IsLarge ? uint.MaxValue : 0);
        Put16(span, ref at, (ushort)entry.Name.Length);
        Put16(span, ref at, (ushort)(entry.IsLarge ? Zip64Local : 0));
        at += Encoding.ASCII.GetBytes(entry.Name, span[at..]);
        if (entry.IsLarge)
        {
            Put16(span, ref at, 1);
            Put16(span, ref at, Zip64Local - 4);
            Put64(span, ref at, 0);
            Put64(span, ref at, 0);
        }
        output.Advance(at);
    }

    public static void WriteDescriptor(IBufferWriter<byte> output, ZipEntry entry)
    {
        var span = output.GetSpan(DescriptorLength(entry));
        var at = 0;
        Put32(span, ref at, 0x0807_4B50);
        Put32(span, ref at, entry.Crc);
        for (var i = 0; i < 2; i++)
        {
            if (entry.IsLarge)
            {
                Put64(span, ref at, entry.Size);
            }
            else
            {
                Put32(span, ref at, (uint)entry.Size);
            }
        }
        output.Advance(at);
    }

    public static void WriteCentral(IBufferWriter<byte> output, ZipEntry entry)
    {
        var span = output.GetSpan(CentralLength(entry));
        var at = 0;
        Put32(span, ref at, 0x0201_4B50);
        Put16(span, ref at, VersionZip64);
        PutCommon(span, ref at, entry.Time);
        Put32(span, ref at, entry.Crc);
        Put32(span, ref at, uint.MaxValue);
        Put32(span, ref at, uint.MaxValue);
        Put16(span, ref at, (ushort)entry.Name.Length);
        Put16(span, ref at, Zip64Central);
        // Comment length, disk, internal and external attributes.
        span.Slice(at, 10).Clear();
        at += 10;
        Put32(span, ref at, uint.MaxValue);
        at += Encoding.ASCII.GetBytes(entry.Name, span[at..]);
        Put16(span, ref at, 1);
        Put16(span, ref at, Zip64Central - 4);
        Put64(span, ref at, entry.Size);
        Put64(span, ref at, entry.Size);
        Put64(span, ref at, entry.Offset);
        output.Advance(at);
    }

    public static void WriteEnd(IBufferWriter<byte> output, int entries, long centralLength, long centralOffset)
    {
        var span = output.GetSpan(EndLength);
        var at = 0;
        Put32(span, ref at, 0x0606_4B50);
        Put64(span, ref at, 56 - 12);
        Put16(span, ref at, VersionZip64);
        Put16(span, ref at, VersionZip64);
        Put64(span, ref at, 0);
        Put64(span, ref at, entries);
        Put64(span, ref at, entries);
        Put64(span, ref at, centralLength);
        Put64(span, ref at, centralOffset);
        Put32(span, ref at, 0x0706_4B50);
        Put32(span, ref at, 0);
        Put64(span, ref at, centralOffset + centralLength);
        Put32(span, ref at, 1);
        Put32(span, ref at, 0x0605_4B50);
        Put32(span, ref at, 0);
        Put32(span, ref at, 0xFFFF_FFFF);
        Put32(span, ref at, uint.MaxValue);
        Put32(span, ref at, uint.MaxValue);
        Put16(span, ref at, 0);
        output.Advance(at);
    }

    // Version, flags, method 0, MS-DOS time and date.
    private static void PutCommon(Span<byte> span, ref int at, DateTimeOffset time)
    {
        Put16(span, ref at, VersionZip64);
        Put16(span, ref at, DescriptorFlag);
        Put16(span, ref at, 0);
        Put16(span, ref at, (ushort)(time.Hour << 11 | time.Minute << 5 | time.Second / 2));
        Put16(span, ref at, (ushort)(time.Year - 1980 << 9 | time.Month << 5 | time.Day));
    }

    private static void Put16(Span<byte> span, ref int at, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(span[at..], value);
        at += 2;
    }

    private static void Put32(Span<byte> span, ref int at, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(span[at..], value);
        at += 4;
    }

    private static void Put64(Span<byte> span, ref int at, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(span[at..], value);
        at += 8;
    }
}

using System.Buffers;
using System.Buffers.Binary;

namespace VnaCloud.Dicom.Tests;

/// <summary>Data sets byte by byte, right or wrong: what the writer would never write.</summary>
internal sealed class Built(bool bigEndian = false, bool implicitVr = false)
{
    public const uint Undefined = 0xFFFF_FFFF;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public int Length => _bytes.WrittenCount;

    /// <summary>A PS3.10 file in this transfer syntax, with everything of this data set.</summary>
    public byte[] File(string transferSyntax) => [.. Preamble(), .. Meta(transferSyntax), .. _bytes.WrittenSpan];

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public static byte[] Preamble() => [.. new byte[128], .. "DICM"u8];

    public static byte[] Meta(string transferSyntax)
    {
        var body = new Built().Element(0x0002_0010, "UI", Even(transferSyntax)).ToArray();
        return [.. new Built().Element(0x0002_0000, "UL", BitConverter.GetBytes(body.Length)).ToArray(), .. body];
    }

    public Built Element(uint tag, string vr, ReadOnlySpan<byte> value) => Header(tag, vr, (uint)value.Length).Raw(value);

    public Built Element(uint tag, string vr, string value) => Element(tag, vr, System.Text.Encoding.Latin1.GetBytes(value));

    public Built UInt16(uint tag, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        Write16(bytes, value);
        return Element(tag, "US", bytes);
    }

    public Built Header(uint tag, string vr, uint length)
    {
        Tag(tag);
        if (implicitVr)
        {
            return Number(length);
        }
        _bytes.Write(System.Text.Encoding.ASCII.GetBytes(vr));
        var isKnown = Enum.TryParse<DicomVr>(vr, out var known) && known.IsKnown();
        if (isKnown && !known.HasLongLength())
        {
            Short((ushort)length);
            return this;
        }
        Short(0);
        return Number(length);
    }

    public Built Item(uint length = Undefined) => Tag(0xFFFE_E000).Number(length);

    public Built EndItem() => Tag(0xFFFE_E00D).Number(0);

    public Built EndSequence() => Tag(0xFFFE_E0DD).Number(0);

    public Built Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    private Built Tag(uint tag)
    {
        Short((ushort)(tag >> 16));
        Short((ushort)tag);
        return this;
    }

    private Built Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        }
        return Raw(bytes);
    }

    private void Short(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        Write16(bytes, value);
        _bytes.Write(bytes);
    }

    private void Write16(Span<byte> bytes, ushort value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        }
    }

    private static string Even(string text) => text.Length % 2 == 0 ? text : text + '\0';
}

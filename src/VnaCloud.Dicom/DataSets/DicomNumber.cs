using System.Buffers.Binary;
using System.Globalization;

namespace VnaCloud.Dicom;

/// <summary>One value of a binary number VR (PS3.5 section 6.2).</summary>
public static class DicomNumber
{
    /// <summary>The integer of an AT, SL, SS, SV, UL, US or UV value; UV past the range of a long wraps.</summary>
    public static long Integer(ReadOnlySpan<byte> bytes, DicomVr vr, bool bigEndian) => vr switch
    {
        DicomVr.US => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        DicomVr.SS => bigEndian ? BinaryPrimitives.ReadInt16BigEndian(bytes) : BinaryPrimitives.ReadInt16LittleEndian(bytes),
        DicomVr.UL => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        DicomVr.SL => bigEndian ? BinaryPrimitives.ReadInt32BigEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes),
        DicomVr.UV or DicomVr.SV => bigEndian ? BinaryPrimitives.ReadInt64BigEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes),
        DicomVr.AT => bigEndian
            ? ((long)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])
            : ((long)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
        _ => throw new ArgumentOutOfRangeException(nameof(vr), vr, "Not an integer VR."),
    };

    /// <summary>The number of an FL or FD value.</summary>
    public static double Real(ReadOnlySpan<byte> bytes, DicomVr vr, bool bigEndian) => vr switch
    {
        DicomVr.FL => bigEndian ? BinaryPrimitives.ReadSingleBigEndian(bytes) : BinaryPrimitives.ReadSingleLittleEndian(bytes),
        DicomVr.FD => bigEndian ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        _ => throw new ArgumentOutOfRangeException(nameof(vr), vr, "Not a floating-point VR."),
    };

    internal static string Format(ReadOnlySpan<byte> bytes, DicomVr vr, bool bigEndian) => vr switch
    {
        DicomVr.FL => ((float)Real(bytes, vr, bigEndian)).ToString("R", CultureInfo.InvariantCulture),
        DicomVr.FD => Real(bytes, vr, bigEndian).ToString("R", CultureInfo.InvariantCulture),
        DicomVr.AT => ((uint)Integer(bytes, vr, bigEndian)).ToString("X8", CultureInfo.InvariantCulture),
        DicomVr.UV => ((ulong)Integer(bytes, vr, bigEndian)).ToString(CultureInfo.InvariantCulture),
        _ => Integer(bytes, vr, bigEndian).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The little endian bytes of a number written in text, or false when it is none of this VR.</summary>
    public static bool TryEncode(string text, DicomVr vr, out byte[] bytes)
    {
        bytes = new byte[vr.NumberSize()];
        if (vr == DicomVr.AT)
        {
            var ok = DicomTag.TryParseHex(text, out var tag);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, tag.Group);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), tag.Element);
            return ok;
        }
        if (vr is DicomVr.FL or DicomVr.FD)
        {
            var ok = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real);
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.Length == 8 ? bytes : new byte[8], real);
            if (vr == DicomVr.FL)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)real);
            }
            return ok;
        }
        return TryEncodeInteger(text, vr, bytes);
    }

    private static bool TryEncodeInteger(string text, DicomVr vr, byte[] bytes)
    {
        if (!Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }
        var bits = bytes.Length * 8;
        var signed = vr is DicomVr.SL or DicomVr.SS or DicomVr.SV;
        var (low, high) = signed ? (-(Int128.One << (bits - 1)), (Int128.One << (bits - 1)) - 1) : (Int128.Zero, (Int128.One << bits) - 1);
        Span<byte> wide = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(wide, value);
        wide[..bytes.Length].CopyTo(bytes);
        return value >= low && value <= high;
    }
}

#pragma warning disable CS1591 // The members are the two-letter codes of PS3.5 Table 6.2-1; a sentence for each would repeat the table.
namespace VnaCloud.Dicom;

/// <summary>Value representations (PS3.5 Table 6.2-1). The numeric value is the two ASCII letters, first letter in the upper byte.</summary>
public enum DicomVr : ushort
{
    /// <summary>No VR: item and delimiter elements, or not known yet.</summary>
    None = 0,
    AE = 'A' << 8 | 'E', AS = 'A' << 8 | 'S', AT = 'A' << 8 | 'T', CS = 'C' << 8 | 'S', DA = 'D' << 8 | 'A', DS = 'D' << 8 | 'S',
    DT = 'D' << 8 | 'T', FD = 'F' << 8 | 'D', FL = 'F' << 8 | 'L', IS = 'I' << 8 | 'S', LO = 'L' << 8 | 'O', LT = 'L' << 8 | 'T',
    OB = 'O' << 8 | 'B', OD = 'O' << 8 | 'D', OF = 'O' << 8 | 'F', OL = 'O' << 8 | 'L', OV = 'O' << 8 | 'V', OW = 'O' << 8 | 'W',
    PN = 'P' << 8 | 'N', SH = 'S' << 8 | 'H', SL = 'S' << 8 | 'L', SQ = 'S' << 8 | 'Q', SS = 'S' << 8 | 'S', ST = 'S' << 8 | 'T',
    SV = 'S' << 8 | 'V', TM = 'T' << 8 | 'M', UC = 'U' << 8 | 'C', UI = 'U' << 8 | 'I', UL = 'U' << 8 | 'L', UN = 'U' << 8 | 'N',
    UR = 'U' << 8 | 'R', US = 'U' << 8 | 'S', UT = 'U' << 8 | 'T', UV = 'U' << 8 | 'V',
}
#pragma warning restore CS1591

/// <summary>What PS3.5 section 6.2 and 7.1.2 say of each value representation.</summary>
public static class DicomVrRules
{
    /// <summary>One of the 34 value representations of Table 6.2-1.</summary>
    public static bool IsKnown(this DicomVr vr) => vr switch
    {
        DicomVr.AE or DicomVr.AS or DicomVr.AT or DicomVr.CS or DicomVr.DA or DicomVr.DS or DicomVr.DT or DicomVr.FD or DicomVr.FL
            or DicomVr.IS or DicomVr.LO or DicomVr.LT or DicomVr.OB or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV or DicomVr.OW
            or DicomVr.PN or DicomVr.SH or DicomVr.SL or DicomVr.SQ or DicomVr.SS or DicomVr.ST or DicomVr.SV or DicomVr.TM or DicomVr.UC
            or DicomVr.UI or DicomVr.UL or DicomVr.UN or DicomVr.UR or DicomVr.US or DicomVr.UT or DicomVr.UV => true,
        _ => false,
    };

    /// <summary>Explicit VR encodings give these a reserved field and a 32-bit length (PS3.5 Table 7.1-1).</summary>
    public static bool HasLongLength(this DicomVr vr) => vr is DicomVr.OB or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV
        or DicomVr.OW or DicomVr.SQ or DicomVr.SV or DicomVr.UC or DicomVr.UN or DicomVr.UR or DicomVr.UT or DicomVr.UV;

    /// <summary>Bytes that change order with the byte order: 2, 4 or 8; 1 where byte order does not matter.</summary>
    public static int SwapUnit(this DicomVr vr) => vr switch
    {
        DicomVr.AT or DicomVr.OW or DicomVr.SS or DicomVr.US => 2,
        DicomVr.FL or DicomVr.OF or DicomVr.OL or DicomVr.SL or DicomVr.UL => 4,
        DicomVr.FD or DicomVr.OD or DicomVr.OV or DicomVr.SV or DicomVr.UV => 8,
        _ => 1,
    };

    /// <summary>Bulk binary: carried as InlineBinary or BulkDataURI in DICOM JSON (PS3.18 F.2.7).</summary>
    public static bool IsBinary(this DicomVr vr) => vr is DicomVr.OB or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV
        or DicomVr.OW or DicomVr.UN;

    /// <summary>Bytes of one value of a binary number VR (AT counts 4); 0 for every other VR.</summary>
    public static int NumberSize(this DicomVr vr) => vr switch
    {
        DicomVr.SS or DicomVr.US => 2,
        DicomVr.AT or DicomVr.FL or DicomVr.SL or DicomVr.UL => 4,
        DicomVr.FD or DicomVr.SV or DicomVr.UV => 8,
        _ => 0,
    };

    /// <summary>Character strings, whatever their repertoire.</summary>
    public static bool IsText(this DicomVr vr) => !vr.IsBinary() && vr.NumberSize() == 0 && vr is not (DicomVr.None or DicomVr.SQ);

    /// <summary>Strings whose repertoire Specific Character Set (0008,0005) may extend or replace (PS3.5 section 6.1.2.3).</summary>
    public static bool UsesCharacterSet(this DicomVr vr) => vr is DicomVr.LO or DicomVr.LT or DicomVr.PN or DicomVr.SH or DicomVr.ST
        or DicomVr.UC or DicomVr.UT;

    /// <summary>Strings in which a backslash separates values; LT, ST, UR and UT hold one value that may contain backslashes.</summary>
    public static bool IsMultiValuedText(this DicomVr vr) => vr.IsText() && vr is not (DicomVr.LT or DicomVr.ST or DicomVr.UR or DicomVr.UT);

    /// <summary>The byte that pads a value to even length: NUL for UI and binary, space for other text (PS3.5 section 6.2).</summary>
    public static byte Padding(this DicomVr vr) => vr.IsText() && vr != DicomVr.UI ? (byte)' ' : (byte)0;
}

using System.Text;

namespace VnaCloud.Dicom;

/// <summary>Reads one element's text: a pass over the bytes with the two invoked sets as its state (PS3.5 section 6.1.2.5).</summary>
internal sealed class TextDecoder
{
    private const byte Escape = 0x1B;

    private readonly SpecificCharacterSet _set;
    private readonly DicomVr _vr;
    private readonly bool _splits;
    private readonly StringBuilder _text = new();
    private readonly List<string> _values = [];
    private CodedSet _low;
    private CodedSet _high;

    private TextDecoder(SpecificCharacterSet set, DicomVr vr)
    {
        _set = set;
        _vr = vr;
        _splits = vr.IsMultiValuedText();
        _low = set.InitialLow;
        _high = set.AssumedHigh;
    }

    internal static string[] Decode(SpecificCharacterSet set, ReadOnlySpan<byte> bytes, DicomVr vr)
    {
        var isPlain = !vr.UsesCharacterSet() || (!bytes.ContainsAnyInRange((byte)0x80, (byte)0xFF) && !bytes.Contains(Escape));
        if (isPlain)
        {
            var text = Encoding.Latin1.GetString(bytes);
            return Trim(vr.IsMultiValuedText() ? text.Split('\\') : [text], vr);
        }
        if ((set.Whole ?? set.AssumedWhole) is { } whole)
        {
            return Trim([.. SplitWhole(whole, bytes, vr.IsMultiValuedText())], vr);
        }
        var decoder = new TextDecoder(set, vr);
        decoder.Read(bytes);
        return Trim([.. decoder._values], vr);
    }

    private void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var consumed = bytes[0] switch
            {
                Escape => Invoke(bytes),
                < 0x20 => Control(bytes[0]),
                < 0x80 => Low(bytes),
                _ => High(bytes),
            };
            bytes = bytes[consumed..];
        }
        EndValue();
    }

    private int Invoke(ReadOnlySpan<byte> bytes)
    {
        var (set, length) = CodedSets.ReadEscape(bytes);
        (_low, _high) = set switch
        {
            null => (_low, _high),
            { IsHigh: true } => (_low, set),
            _ => (set, _high),
        };
        return length;
    }

    // CR, LF, FF, TAB and every other control character bring back the sets of the first term.
    private int Control(byte value)
    {
        Reset();
        _text.Append((char)value);
        return 1;
    }

    private int Low(ReadOnlySpan<byte> bytes)
    {
        var value = bytes[0];
        if (_low.Width == 2)
        {
            return value is 0x20 or 0x7F ? Append((char)value, 1)
                : bytes.Length > 1 && bytes[1] is >= 0x21 and <= 0x7E ? Append(_low.At(value, bytes[1]), 2)
                : Append(CodedSet.Unreadable, 1);
        }
        if (value == '\\' && _splits)
        {
            EndValue();
            Reset();
            return 1;
        }
        if (_vr == DicomVr.PN && value is (byte)'^' or (byte)'=')
        {
            Reset();
        }
        return Append(_low.At(value), 1);
    }

    private int High(ReadOnlySpan<byte> bytes)
    {
        if (_high.Width == 2)
        {
            return bytes[0] is >= 0xA1 and <= 0xFE && bytes.Length > 1 && bytes[1] is >= 0xA1 and <= 0xFE
                ? Append(_high.At(bytes[0], bytes[1]), 2)
                : Append(CodedSet.Unreadable, 1);
        }
        // C1 controls are in no repertoire; as themselves they at least tell which bytes were there.
        return Append(bytes[0] < 0xA0 ? (char)bytes[0] : _high.At(bytes[0]), 1);
    }

    private int Append(char character, int consumed)
    {
        _text.Append(character);
        return consumed;
    }

    private void Reset()
    {
        _low = _set.InitialLow;
        _high = _set.AssumedHigh;
    }

    private void EndValue()
    {
        _values.Add(_text.ToString());
        _text.Clear();
    }

    private static List<string> SplitWhole(Encoding encoding, ReadOnlySpan<byte> bytes, bool splits)
    {
        var values = new List<string>();
        var start = 0;
        for (var at = 0; splits && at < bytes.Length; at += CharacterLength(encoding, bytes[at..]))
        {
            if (bytes[at] == '\\')
            {
                values.Add(encoding.GetString(bytes[start..at]));
                start = at + 1;
            }
        }
        values.Add(encoding.GetString(bytes[start..]));
        return values;
    }

    // In GB18030 and GBK the second byte of a character may be 0x5C; in UTF-8 no byte of a longer character is below 0x80.
    private static int CharacterLength(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        if (encoding.CodePage == 65001 || bytes.Length < 2 || bytes[0] is < 0x81 or 0xFF)
        {
            return 1;
        }
        return bytes[1] switch
        {
            (>= 0x40 and <= 0x7E) or (>= 0x80 and <= 0xFE) => 2,
            >= 0x30 and <= 0x39 when encoding.CodePage == 54936 && bytes.Length > 3 && bytes[2] is >= 0x81 and <= 0xFE
                && bytes[3] is >= 0x30 and <= 0x39 => 4,
            _ => 1,
        };
    }

    private static string[] Trim(string[] values, DicomVr vr)
    {
        // PS3.5 Table 6.2-1: leading spaces count for nothing only in these.
        var leading = vr is DicomVr.AE or DicomVr.CS or DicomVr.DS or DicomVr.IS or DicomVr.LO or DicomVr.SH;
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i].TrimEnd(' ', '\0');
            values[i] = leading ? value.TrimStart(' ') : value;
        }
        return values is [""] ? [] : values;
    }
}

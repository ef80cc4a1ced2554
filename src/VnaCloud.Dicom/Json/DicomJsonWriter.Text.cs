using System.Buffers;
using System.Globalization;

namespace VnaCloud.Dicom;

public sealed partial class DicomJsonWriter
{
    private static readonly SearchValues<byte> NotPlain = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Where(b => b is < 0x20 or > 0x7E or '"' or '\\' or '=' or '^').Select(b => (byte)b)]);

    // PN needs its groups taken apart only where there are several.
    private static readonly SearchValues<byte> NotPlainName = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Where(b => b is < 0x20 or > 0x7E or '"' or '\\' or '=').Select(b => (byte)b)]);

    private void WriteText(DicomElement element, DicomDataSet dataSet)
    {
        var bytes = element.Value.Span.TrimEnd(" \0"u8);
        if (bytes.IsEmpty)
        {
            return;
        }
        // Most values are one plain ASCII string, whatever the character set: no string is made of them.
        if (bytes[0] != ' ' && element.Vr is not (DicomVr.IS or DicomVr.DS)
            && !bytes.ContainsAny(element.Vr == DicomVr.PN ? NotPlainName : NotPlain))
        {
            _out.Raw(element.Vr == DicomVr.PN ? ",\"Value\":[{\"Alphabetic\":\""u8 : ",\"Value\":[\""u8);
            _out.Raw(bytes);
            _out.Raw(element.Vr == DicomVr.PN ? "\"}]"u8 : "\"]"u8);
            return;
        }
        WriteDecoded(dataSet.CharacterSet.DecodeValues(element.Value.Span, element.Vr), element.Vr);
    }

    private void WriteDecoded(IReadOnlyList<string> values, DicomVr vr)
    {
        if (values.All(string.IsNullOrEmpty))
        {
            return;
        }
        _out.Raw(",\"Value\":["u8);
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
            {
                _out.Raw(","u8);
            }
            WriteString(values[i], vr);
        }
        _out.Raw("]"u8);
    }

    private void WriteString(string value, DicomVr vr)
    {
        if (value.Length == 0)
        {
            // F.2.4: an empty value in the middle keeps its place.
            _out.Raw("null"u8);
        }
        else if (vr == DicomVr.PN)
        {
            WriteName(value);
        }
        else if (vr == DicomVr.IS && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            _out.Integer(integer);
        }
        else if (vr != DicomVr.DS || !_out.TryDecimal(value))
        {
            _out.String(value);
        }
    }

    // PS3.18 F.2.2: an object with the component groups that are not empty.
    private void WriteName(string value)
    {
        ReadOnlySpan<string> names = ["Alphabetic", "Ideographic", "Phonetic"];
        _out.Raw("{"u8);
        var first = true;
        var groups = value.Split('=', 3);
        for (var i = 0; i < groups.Length; i++)
        {
            var group = groups[i].TrimEnd(' ');
            if (group.Length == 0)
            {
                continue;
            }
            _out.Raw(first ? "\""u8 : ",\""u8);
            first = false;
            _out.Ascii(names[i]);
            _out.Raw("\":"u8);
            _out.String(group);
        }
        _out.Raw("}"u8);
    }
}

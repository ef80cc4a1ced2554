using System.Buffers;
using System.Globalization;

namespace VnaCloud.Dicom;

/// <summary>
/// Writes the DICOM JSON Model (PS3.18 Annex F): keys ascending, text in UTF-8, every attribute with its vr and at most one of Value,
/// InlineBinary and BulkDataURI. Group lengths and the groups 0000, 0002 and 0006 are left out, but not Error Comment (0000,0902), which a
/// STOW-RS answer has (PS3.18 Table I.1-1). Pixel data is always a BulkDataURI.
/// </summary>
public sealed partial class DicomJsonWriter
{
    private readonly JsonText _out;
    private readonly DicomJsonOptions _options;
    private readonly List<string> _path = [];

    /// <summary>Writes to <paramref name="output"/>.</summary>
    public DicomJsonWriter(IBufferWriter<byte> output, DicomJsonOptions? options = null)
    {
        _out = new JsonText(output);
        _options = options ?? new DicomJsonOptions();
    }

    /// <summary>Writes one data set as a JSON object.</summary>
    public void Write(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        WriteObject(dataSet);
        _out.Flush();
    }

    // Recursion is as deep as the reader's limit on nesting allows, never deeper.
    private void WriteObject(DicomDataSet dataSet)
    {
        _out.Raw("{"u8);
        var first = true;
        foreach (var element in dataSet)
        {
            if (element.Tag.IsGroupLength || element.Tag.Group is 0x0002 or 0x0006 || (element.Tag.Group == 0 && !_options.WritesCommandGroup))
            {
                continue;
            }
            _out.Raw(first ? "\""u8 : ",\""u8);
            first = false;
            _out.Hex(element.Tag.Value);
            _out.Raw("\":{\"vr\":\""u8);
            _out.Byte((byte)((ushort)element.Vr >> 8));
            _out.Byte((byte)element.Vr);
            _out.Raw("\""u8);
            WriteValue(element, dataSet);
            _out.Raw("}"u8);
        }
        _out.Raw("}"u8);
    }

    private void WriteValue(DicomElement element, DicomDataSet dataSet)
    {
        if (element.Items is { } items)
        {
            WriteItems(element.Tag, items);
        }
        else if (element.IsLocatedOnly || element.Fragments is not null || (element.Tag.IsPixelData && element.Length > 0)
            || (element.Vr.IsBinary() && element.Length > _options.InlineLimit))
        {
            WriteBulkDataUri(element.Tag);
        }
        else if (element.Length == 0)
        {
            return;
        }
        else if (element.Vr.IsBinary())
        {
            WriteInlineBinary(element);
        }
        else if (element.Vr.NumberSize() > 0)
        {
            WriteNumbers(element);
        }
        else
        {
            WriteText(element, dataSet);
        }
    }

    private void WriteItems(DicomTag tag, IReadOnlyList<DicomDataSet> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        _out.Raw(",\"Value\":["u8);
        _path.Add(tag.ToHex());
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                _out.Raw(","u8);
            }
            _path.Add(i.ToString(CultureInfo.InvariantCulture));
            WriteObject(items[i]);
            _path.RemoveAt(_path.Count - 1);
        }
        _path.RemoveAt(_path.Count - 1);
        _out.Raw("]"u8);
    }

    // PS3.18 F.2.6. Nested values are named by their path, sequence and item index by turns: /bulkdata/54000100/0/54001010.
    private void WriteBulkDataUri(DicomTag tag)
    {
        _out.Raw(",\"BulkDataURI\":\""u8);
        if (_options.OnBase is { } hole)
        {
            _out.Flush();
            hole();
        }
        _out.Ascii(_options.InstanceUrl);
        _out.Raw("/bulkdata/"u8);
        foreach (var segment in _path)
        {
            _out.Ascii(segment);
            _out.Raw("/"u8);
        }
        _out.Hex(tag.Value);
        _out.Raw("\""u8);
    }

    private void WriteInlineBinary(DicomElement element)
    {
        var bytes = element.Value;
        if (element.IsBigEndian && element.Vr.SwapUnit() > 1)
        {
            // What leaves the archive is little endian (PS3.18 section 8.7.3.1).
            bytes = ByteOrder.Swapped(bytes.Span, element.Vr.SwapUnit());
        }
        _out.Raw(",\"InlineBinary\":\""u8);
        _out.Base64(bytes.Span);
        _out.Raw("\""u8);
    }

    private void WriteNumbers(DicomElement element)
    {
        var size = element.Vr.NumberSize();
        var bytes = element.Value.Span;
        var count = bytes.Length / size;
        if (count == 0)
        {
            return;
        }
        _out.Raw(",\"Value\":["u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                _out.Raw(","u8);
            }
            WriteNumber(bytes.Slice(i * size, size), element.Vr, element.IsBigEndian);
        }
        _out.Raw("]"u8);
    }

    private void WriteNumber(ReadOnlySpan<byte> bytes, DicomVr vr, bool bigEndian)
    {
        switch (vr)
        {
            case DicomVr.FL or DicomVr.FD:
                _out.Real(DicomNumber.Real(bytes, vr, bigEndian), single: vr == DicomVr.FL);
                break;
            case DicomVr.AT:
                _out.Raw("\""u8);
                _out.Hex((uint)DicomNumber.Integer(bytes, vr, bigEndian));
                _out.Raw("\""u8);
                break;
            case DicomVr.UV:
                _out.Integer((ulong)DicomNumber.Integer(bytes, vr, bigEndian));
                break;
            default:
                _out.Integer(DicomNumber.Integer(bytes, vr, bigEndian));
                break;
        }
    }
}

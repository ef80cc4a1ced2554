using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>The value of a content item, one method per group of value types (PS3.3 Table C.17.3-7).</summary>
internal sealed class ReportValue(ReportMarkup markup, ReportReferences references)
{
    private readonly ReportInstances _instances = new(markup, references);
    private readonly ReportCoordinates _coordinates = new(markup);

    /// <summary>Writes the value of an item that is neither a container nor by reference.</summary>
    public void Write(ReportItem item)
    {
        switch (item.ValueType)
        {
            case "TEXT":
                WriteText(item.Data, DicomTags.TextValue);
                break;
            case "CODE":
                WriteCode(ReportCode.Read(item.Data, DicomTags.ConceptCodeSequence));
                break;
            case "NUM":
                WriteNumber(item.Data);
                break;
            case "DATE":
                WriteShort(item.Data, DicomTags.Date, ReportFormat.Date);
                break;
            case "TIME":
                WriteShort(item.Data, DicomTags.Time, ReportFormat.Time);
                break;
            case "DATETIME":
                WriteShort(item.Data, DicomTags.DateTime, ReportFormat.DateTime);
                break;
            case "PNAME":
                WriteShort(item.Data, DicomTags.PersonName, ReportFormat.Name);
                break;
            case "UIDREF":
                WriteShort(item.Data, DicomTags.UID, uid => uid);
                break;
            case "COMPOSITE" or "IMAGE" or "WAVEFORM":
                _instances.Write(item.Data);
                break;
            case "SCOORD" or "SCOORD3D" or "TCOORD":
                _coordinates.Write(item);
                break;
            case "CONTAINER" or "":
                markup.Missing("no value"u8);
                break;
            case var other:
                markup.Missing("values of this type are not shown: "u8).Text(other);
                break;
        }
    }

    /// <summary>Writes the value of an item in a line of text: codes only by what they mean.</summary>
    public void WriteInline(ReportItem item)
    {
        if (item.ValueType == "CODE" && ReportCode.Read(item.Data, DicomTags.ConceptCodeSequence) is { } code)
        {
            markup.Text(code.Name);
        }
        else
        {
            Write(item);
        }
    }

    private void WriteText(DicomDataSet data, DicomTag tag)
    {
        // A TEXT written with a VR of several values still is one text.
        var text = string.Join('\\', data.Values(tag)).TrimEnd();
        if (!WasMissing(data, tag, text))
        {
            markup.Text(text);
        }
    }

    private void WriteShort(DicomDataSet data, DicomTag tag, Func<string, string> format)
    {
        var value = format(data.Text(tag));
        if (!WasMissing(data, tag, value))
        {
            markup.Text(value);
        }
    }

    private void WriteCode(ReportCode? code)
    {
        if (code is null)
        {
            markup.Missing("no value"u8);
            return;
        }
        markup.Text(code.Name);
        if (code.Value.Length > 0 && code.Meaning.Length > 0)
        {
            markup.Raw(" <small>"u8).Text(code.Notation).Raw("</small>"u8);
        }
    }

    // PS3.3 section C.18.1: the number in one of three forms, or none and a qualifier that says why.
    private void WriteNumber(DicomDataSet data)
    {
        var measured = data.Items(DicomTags.MeasuredValueSequence);
        var qualifier = ReportCode.Read(data, DicomTags.NumericValueQualifierCodeSequence);
        if (measured is not [var first, ..])
        {
            markup.Missing("no value"u8);
        }
        else if (NumberOf(first) is { Length: > 0 } number)
        {
            var unit = ReportCode.Read(first, DicomTags.MeasurementUnitsCodeSequence)?.Unit ?? "";
            markup.Raw("<span class=\"number\">"u8).Text(number).Raw(unit.Length > 0 ? " "u8 : ""u8).Text(unit).Raw("</span>"u8);
        }
        else
        {
            WasMissing(first, DicomTags.NumericValue, "");
        }
        if (qualifier is not null)
        {
            markup.Raw(" <small>("u8).Text(qualifier.Name).Raw(")</small>"u8);
        }
    }

    private static string NumberOf(DicomDataSet measured)
    {
        // The decimal string is what the author meant to be read; the others hold the same number more precisely.
        var value = measured.Text(DicomTags.NumericValue);
        if (value.Length > 0)
        {
            return value;
        }
        value = measured.Text(DicomTags.FloatingPointValue);
        var (numerator, denominator) = (measured.Text(DicomTags.RationalNumeratorValue), measured.Text(DicomTags.RationalDenominatorValue));
        return value.Length > 0 || numerator.Length == 0 || denominator.Length == 0 ? value : $"{numerator}/{denominator}";
    }

    private bool WasMissing(DicomDataSet data, DicomTag tag, string text)
    {
        if (data.IsTooLong(tag))
        {
            markup.Cut("a value too long to be shown"u8);
            return true;
        }
        if (text.Length == 0)
        {
            markup.Missing("no value"u8);
        }
        return text.Length == 0;
    }
}

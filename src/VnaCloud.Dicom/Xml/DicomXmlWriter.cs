using System.Globalization;
using System.Text;
using System.Xml;

namespace VnaCloud.Dicom;

/// <summary>How a data set becomes the Native DICOM Model.</summary>
public sealed record DicomXmlOptions
{
    /// <summary>Longest binary value (OB, OD, OF, OL, OV, OW, UN), in bytes, that is given as InlineBinary; longer ones, and located ones, become BulkData.</summary>
    public int InlineLimit { get; init; } = 4096;

    /// <summary>Gives the uri of a BulkData for an element and its path: sequence tags and item indexes by turns.</summary>
    public Func<DicomElement, IReadOnlyList<string>, string> BulkDataUri { get; init; } =
        (element, path) => string.Concat(path.Select(segment => $"{segment}/")) + element.Tag.ToHex();

    /// <summary>Whether group 0000 is written: Error Comment (0000,0902) of a store answer is in it (PS3.18 Table I.2-1).</summary>
    public bool WritesCommandGroup { get; init; }
}

/// <summary>
/// Writes the Native DICOM Model (PS3.19 section A.1) in UTF-8. Group lengths and the groups 0000, 0002 and 0006 are left out. Characters
/// that XML 1.0 does not have become U+FFFD.
/// </summary>
public sealed class DicomXmlWriter
{
    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        // A parser makes one line feed of CR and LF, unless they are written as characters.
        NewLineHandling = NewLineHandling.Entitize,
        CloseOutput = false,
    };

    private static readonly string[] Groups = ["Alphabetic", "Ideographic", "Phonetic"];
    private static readonly string[] Components = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

    private readonly XmlWriter _xml;
    private readonly DicomXmlOptions _options;
    private readonly List<string> _path = [];

    private DicomXmlWriter(XmlWriter xml, DicomXmlOptions options) => (_xml, _options) = (xml, options);

    /// <summary>Writes one data set as a document.</summary>
    public static void Write(Stream output, DicomDataSet dataSet, DicomXmlOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(dataSet);
        using var xml = XmlWriter.Create(output, Settings);
        xml.WriteStartElement("NativeDicomModel", DicomXmlReader.Namespace);
        xml.WriteAttributeString("xml", "space", null, "preserve");
        new DicomXmlWriter(xml, options ?? new DicomXmlOptions()).WriteDataSet(dataSet);
        xml.WriteEndElement();
    }

    private void WriteDataSet(DicomDataSet dataSet)
    {
        foreach (var element in dataSet)
        {
            if (element.Tag.IsGroupLength || element.Tag.Group is 0x0002 or 0x0006 || (element.Tag.Group == 0 && !_options.WritesCommandGroup))
            {
                continue;
            }
            _xml.WriteStartElement("DicomAttribute");
            WriteNames(element, dataSet);
            WriteContent(element, dataSet);
            _xml.WriteEndElement();
        }
    }

    private void WriteNames(DicomElement element, DicomDataSet dataSet)
    {
        var creator = dataSet.PrivateCreatorOf(element.Tag);
        _xml.WriteAttributeString("tag", (creator is null ? element.Tag : PrivateBlocks.Without(dataSet, element.Tag, creator)).ToHex());
        _xml.WriteAttributeString("vr", (element.Vr == DicomVr.None ? DicomVr.UN : element.Vr).ToString());
        if (DicomDictionary.Find(element.Tag)?.Keyword is { Length: > 0 } keyword)
        {
            _xml.WriteAttributeString("keyword", keyword);
        }
        if (creator is not null)
        {
            _xml.WriteAttributeString("privateCreator", Clean(creator));
        }
    }

    private void WriteContent(DicomElement element, DicomDataSet dataSet)
    {
        if (element.Items is { } items)
        {
            WriteItems(element.Tag, items);
        }
        else if (element.IsLocatedOnly || element.Fragments is not null || (element.Tag.IsPixelData && element.Length > 0) || (element.Vr.IsBinary() && element.Length > _options.InlineLimit))
        {
            _xml.WriteStartElement("BulkData");
            _xml.WriteAttributeString("uri", _options.BulkDataUri(element, _path));
            _xml.WriteEndElement();
        }
        else if (element.Vr.IsBinary())
        {
            WriteInline(element);
        }
        else
        {
            WriteValues(element, dataSet.Strings(element.Tag));
        }
    }

    private void WriteItems(DicomTag tag, IReadOnlyList<DicomDataSet> items)
    {
        _path.Add(tag.ToHex());
        for (var i = 0; i < items.Count; i++)
        {
            _path.Add(i.ToString(CultureInfo.InvariantCulture));
            Start("Item", i);
            WriteDataSet(items[i]);
            _xml.WriteEndElement();
            _path.RemoveAt(_path.Count - 1);
        }
        _path.RemoveAt(_path.Count - 1);
    }

    private void WriteInline(DicomElement element)
    {
        if (element.Length == 0)
        {
            return;
        }
        var bytes = element.IsBigEndian && element.Vr.SwapUnit() > 1 ? ByteOrder.Swapped(element.Value.Span, element.Vr.SwapUnit()) : element.Value.Span;
        _xml.WriteElementString("InlineBinary", Convert.ToBase64String(bytes));
    }

    private void WriteValues(DicomElement element, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            // An empty value keeps its place by the numbers of the others, the last one by its own.
            if (values[i].Length == 0 && i < values.Count - 1)
            {
                continue;
            }
            if (element.Vr == DicomVr.PN)
            {
                Start("PersonName", i);
                WriteName(values[i]);
            }
            else
            {
                Start("Value", i);
                _xml.WriteString(Clean(values[i]));
            }
            _xml.WriteEndElement();
        }
    }

    private void WriteName(string name)
    {
        foreach (var (title, group) in Groups.Zip(name.Split('=', Groups.Length)))
        {
            if (group.Length == 0)
            {
                continue;
            }
            _xml.WriteStartElement(title);
            foreach (var (part, component) in Components.Zip(group.Split('^', Components.Length)))
            {
                if (component.Length > 0)
                {
                    _xml.WriteElementString(part, Clean(component));
                }
            }
            _xml.WriteEndElement();
        }
    }

    private void Start(string name, int index)
    {
        _xml.WriteStartElement(name);
        _xml.WriteAttributeString("number", (index + 1).ToString(CultureInfo.InvariantCulture));
    }

    private static string Clean(string text) => text.All(XmlConvert.IsXmlChar) ? text : Replaced(text);

    private static string Replaced(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        }
        return clean.ToString();
    }
}

using System.Globalization;
using System.Xml;

namespace VnaCloud.Dicom;

/// <summary>
/// Reads the Native DICOM Model (PS3.19 section A.1) into a data set in ISO_IR 192. There are no document type definitions, no external
/// entities and no includes; a BulkData is resolved by the caller, or refused.
/// </summary>
public sealed partial class DicomXmlReader
{
    /// <summary>The namespace of the model; documents without any are read too, as DCMTK writes them.</summary>
    public const string Namespace = "http://dicom.nema.org/PS3.19/models/NativeDICOM";

    /// <summary>Characters of a document; 67,108,864.</summary>
    public const long MaxCharacters = 64L * 1024 * 1024;

    /// <summary>Items within items; 64.</summary>
    public static int MaxDepth => DicomReadLimits.Default.Depth;

    /// <summary>Attributes of a document, items, and values that only their number says are empty; 200,000.</summary>
    public static int MaxElements => DicomReadLimits.Default.Elements;

    private readonly XmlReader _xml;
    private readonly BulkDataResolver? _bulk;
    private int _elements;

    private DicomXmlReader(XmlReader xml, BulkDataResolver? bulk) => (_xml, _bulk) = (xml, bulk);

    /// <summary>Reads one document.</summary>
    /// <param name="xml">The document, in an encoding that it names itself or UTF-8.</param>
    /// <param name="bulk">Gives the element of a BulkData, by its uri or uuid; null refuses them.</param>
    /// <exception cref="DicomFormatException">Not XML, not the model, or past a limit. The offset is that of the line.</exception>
    public static DicomDataSet Read(Stream xml, BulkDataResolver? bulk = null)
    {
        ArgumentNullException.ThrowIfNull(xml);
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxCharacters,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        using var reader = XmlReader.Create(xml, settings);
        try
        {
            return new DicomXmlReader(reader, bulk).ReadDocument();
        }
        catch (XmlException wrong)
        {
            throw new DicomFormatException(
                DicomFault.Malformed,
                string.Create(CultureInfo.InvariantCulture, $"Not well-formed XML without a DTD: line {wrong.LineNumber}, position {wrong.LinePosition}"), 0, inner: wrong);
        }
    }

    private DicomDataSet ReadDocument()
    {
        _xml.MoveToContent();
        if (_xml.NodeType != XmlNodeType.Element || _xml.LocalName != "NativeDicomModel" || !IsOfModel())
        {
            throw Fault("The root is not NativeDicomModel");
        }
        var dataSet = new DicomDataSet();
        dataSet.Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192");
        ReadAttributes(dataSet, SpecificCharacterSet.Default, 0);
        while (_xml.Read())
        {
            // A second root or text is no XML, and said so by the parser.
        }
        return dataSet;
    }

    private void ReadAttributes(DicomDataSet dataSet, SpecificCharacterSet source, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new DicomFormatException(DicomFault.LimitExceeded, $"Items are nested deeper than {MaxDepth}", 0);
        }
        if (_xml.IsEmptyElement)
        {
            return;
        }
        var elements = new List<DicomElement>();
        while (NextChild())
        {
            Expect("DicomAttribute");
            var element = ReadAttribute(dataSet, source, depth);
            if (element.Tag == DicomTags.SpecificCharacterSet)
            {
                // The text of the document is Unicode; bulk text is in what this says (DICOM CP-2518).
                source = SpecificCharacterSet.Parse([.. System.Text.Encoding.Latin1.GetString(element.Value.Span).Split('\\', StringSplitOptions.TrimEntries)]);
            }
            else if (element.Tag.IsPrivateCreator)
            {
                dataSet.Set(element);
            }
            else
            {
                elements.Add(element);
            }
        }
        // In ascending order each one is put at the end: many in descending order would be moved again and again.
        foreach (var element in elements.OrderBy(element => element.Tag))
        {
            dataSet.Set(element);
        }
    }

    private DicomElement ReadAttribute(DicomDataSet dataSet, SpecificCharacterSet source, int depth)
    {
        var (tag, vr) = ReadTag(dataSet);
        Count(tag);
        var content = new Content();
        if (!_xml.IsEmptyElement)
        {
            while (NextChild())
            {
                ReadContent(content, new BulkDataReference(tag, vr, "", dataSet, source), depth);
            }
        }
        return content.ToElement(tag, vr, dataSet);
    }

    private void ReadContent(Content content, BulkDataReference reference, int depth)
    {
        var (tag, vr) = (reference.Tag, reference.Vr);
        switch (_xml.LocalName)
        {
            case "Value" when vr != DicomVr.SQ && vr != DicomVr.PN && !vr.IsBinary():
                var (number, text) = ReadText();
                content.Put(number, text, () => Count(tag));
                break;
            case "PersonName" when vr == DicomVr.PN:
                var place = NumberOf(tag);
                content.Put(place, ReadName(tag), () => Count(tag));
                break;
            case "Item" when vr == DicomVr.SQ:
                Count(tag);
                var item = new DicomDataSet { Parent = reference.Within };
                ReadAttributes(item, reference.Source, depth + 1);
                content.Items.Add(item);
                break;
            case "InlineBinary" when vr.IsBinary():
                content.SetOnly(new DicomElement(tag, vr, Binary(tag)), tag);
                break;
            case "BulkData":
                var uri = _xml.GetAttribute("uri") ?? _xml.GetAttribute("uuid") ?? throw Fault("A BulkData has neither uri nor uuid", tag);
                ReadEmpty(tag);
                content.SetOnly(_bulk is not null ? _bulk(reference with { Uri = uri }) : throw Fault("A BulkData cannot be resolved here", tag), tag);
                break;
            default:
                throw Fault($"An attribute of VR {vr} has no content of this name", tag);
        }
    }

    private (DicomTag Tag, DicomVr Vr) ReadTag(DicomDataSet dataSet)
    {
        if (!DicomTag.TryParseHex(_xml.GetAttribute("tag") ?? "", out var tag))
        {
            throw Fault("A DicomAttribute has no tag of eight hexadecimal digits");
        }
        var creator = _xml.GetAttribute("privateCreator");
        if (tag.IsPrivate && !string.IsNullOrEmpty(creator) && tag.Element <= 0xFF)
        {
            tag = PrivateBlocks.Place(dataSet, tag, creator);
        }
        if (_xml.GetAttribute("vr") is not { } name)
        {
            return (tag, DicomDictionary.VrOf(tag, creator));
        }
        var vr = name.Length == 2 ? (DicomVr)(name[0] << 8 | name[1]) : DicomVr.None;
        return vr.IsKnown() ? (tag, vr) : throw Fault("The vr is not one of PS3.5 Table 6.2-1", tag);
    }

    private void Count(DicomTag tag)
    {
        if (++_elements > MaxElements)
        {
            throw new DicomFormatException(DicomFault.LimitExceeded, $"The document has more than {MaxElements} elements", 0, tag);
        }
    }

    private static DicomFormatException Fault(string message, DicomTag? tag = null) => new(DicomFault.Malformed, message, 0, tag);
}

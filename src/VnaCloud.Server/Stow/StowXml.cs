using System.Globalization;
using System.Text;
using System.Xml;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Stow;

/// <summary>The Native DICOM Model (PS3.19 A.1) of an answer: text, numbers and sequences, no bulk data.</summary>
internal static class StowXml
{
    public static byte[] Write(DicomDataSet data)
    {
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), CheckCharacters = true }))
        {
            xml.WriteStartElement("NativeDicomModel", "http://dicom.nema.org/PS3.19/models/NativeDICOM");
            WriteDataSet(xml, data);
            xml.WriteEndElement();
        }
        return bytes.ToArray();
    }

    private static void WriteDataSet(XmlWriter xml, DicomDataSet data)
    {
        foreach (var element in data)
        {
            xml.WriteStartElement("DicomAttribute");
            xml.WriteAttributeString("tag", element.Tag.ToHex());
            xml.WriteAttributeString("vr", element.Vr.ToString());
            xml.WriteAttributeString("keyword", DicomDictionary.Find(element.Tag)?.Keyword);
            if (element.Items is { } items)
            {
                WriteItems(xml, items);
            }
            else
            {
                WriteValues(xml, data.Strings(element.Tag));
            }
            xml.WriteEndElement();
        }
    }

    private static void WriteItems(XmlWriter xml, IReadOnlyList<DicomDataSet> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            xml.WriteStartElement("Item");
            xml.WriteAttributeString("number", (i + 1).ToString(CultureInfo.InvariantCulture));
            WriteDataSet(xml, items[i]);
            xml.WriteEndElement();
        }
    }

    private static void WriteValues(XmlWriter xml, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            xml.WriteStartElement("Value");
            xml.WriteAttributeString("number", (i + 1).ToString(CultureInfo.InvariantCulture));
            xml.WriteString(values[i]);
            xml.WriteEndElement();
        }
    }
}

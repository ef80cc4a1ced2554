using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using VnaCloud.Dicom;
using VnaCloud.Server.Wado.Rendered;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>Reports made here, and their pages taken apart.</summary>
internal static partial class Reports
{
    public const string DicomWebUrl = "https://archive.example/dicom-web";

    public static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";

    /// <summary>A document with this content; to be changed before it is written.</summary>
    public static DicomDataSet Root(params DicomDataSet[] content) => Item("CONTAINER", "", "Imaging Report")
        .Set(DicomTags.SOPClassUID, DicomVr.UI, "1.2.840.10008.5.1.4.1.1.88.33")
        .Set(DicomTags.SOPInstanceUID, DicomVr.UI, "1.2.3.4")
        .Set(DicomTags.PatientName, DicomVr.PN, "Doe^Jane")
        .Set(DicomTags.ContinuityOfContent, DicomVr.CS, "SEPARATE")
        .With(DicomTags.ContentSequence, content);

    public static DicomDataSet Item(string type, string relationship = "CONTAINS", string name = "")
    {
        var item = new DicomDataSet().Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192").Set(DicomTags.ValueType, DicomVr.CS, type);
        if (relationship.Length > 0)
        {
            item.Set(DicomTags.RelationshipType, DicomVr.CS, relationship);
        }
        return name.Length > 0 ? item.With(DicomTags.ConceptNameCodeSequence, Code("N-1", name)) : item;
    }

    public static DicomDataSet TextItem(string text, string relationship = "CONTAINS", string name = "Comment") =>
        Item("TEXT", relationship, name).Set(DicomTags.TextValue, DicomVr.UT, text);

    public static DicomDataSet Code(string value, string meaning, string scheme = "99TEST") => new DicomDataSet()
        .Set(DicomTags.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192")
        .Set(DicomTags.CodeValue, DicomVr.SH, value)
        .Set(DicomTags.CodingSchemeDesignator, DicomVr.SH, scheme)
        .Set(DicomTags.CodeMeaning, DicomVr.LO, meaning);

    public static DicomDataSet Number(string value, DicomDataSet unit, string name = "Diameter") =>
        Item("NUM", "CONTAINS", name).With(DicomTags.MeasuredValueSequence,
            new DicomDataSet().Set(DicomTags.NumericValue, DicomVr.DS, value).With(DicomTags.MeasurementUnitsCodeSequence, unit));

    public static DicomDataSet Reference(string sop, string sopClass = "1.2.840.10008.5.1.4.1.1.2") => new DicomDataSet()
        .Set(DicomTags.ReferencedSOPClassUID, DicomVr.UI, sopClass)
        .Set(DicomTags.ReferencedSOPInstanceUID, DicomVr.UI, sop);

    /// <summary>An entry of an evidence sequence.</summary>
    public static DicomDataSet Evidence(string study, string series, params DicomDataSet[] instances) => new DicomDataSet()
        .Set(DicomTags.StudyInstanceUID, DicomVr.UI, study)
        .With(DicomTags.ReferencedSeriesSequence, new DicomDataSet()
            .Set(DicomTags.SeriesInstanceUID, DicomVr.UI, series)
            .With(DicomTags.ReferencedSOPSequence, instances));

    public static DicomDataSet With(this DicomDataSet data, DicomTag sequence, params DicomDataSet[] items) => data.Set(new DicomElement(sequence, items));

    public static DicomDataSet Floats(this DicomDataSet data, DicomTag tag, params float[] values) =>
        data.Set(new DicomElement(tag, DicomVr.FL, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray()));

    public static string Page(DicomDataSet report)
    {
        var output = new ArrayBufferWriter<byte>();
        ReportPage.Write(report, DicomWebUrl, output);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }

    /// <summary>The page as XML, which fails where it is not well formed.</summary>
    public static XDocument Parse(string page)
    {
        using var reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }

    /// <summary>What a reader of the page's body sees, in one line.</summary>
    public static string TextOf(XDocument page)
    {
        var texts = page.Descendants().Where(element => element.Name.LocalName == "body").DescendantNodes().OfType<XText>();
        return Flat(string.Join(' ', texts.Select(text => text.Value)));
    }

    public static string TextOf(DicomDataSet report) => TextOf(Parse(Page(report)));

    public static string Flat(string text) => Spaces().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

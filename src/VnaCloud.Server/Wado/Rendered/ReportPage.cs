using System.Buffers;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>
/// Structured Reports and Key Object Selection Documents as a page to read (PS3.18 section 8.7.4: text/html is what presentation-oriented
/// SR instances are rendered as). The page has no script, loads nothing, and links only to this archive.
/// </summary>
internal static class ReportPage
{
    /// <summary>What the page is.</summary>
    public const string ContentType = "text/html; charset=utf-8";

    /// <summary>Goes with every page: whatever a report might smuggle into it may do nothing.</summary>
    public const string ContentSecurityPolicy =
        $"sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{ReportStyle.Hash}'";

    /// <summary>How to read a data set for a page: what no page shows need not come into memory.</summary>
    public static readonly DicomReadOptions ReadOptions = new() { KeepBinary = ReportLimits.ValueBytes, KeepOther = ReportLimits.ValueBytes };

    /// <summary>Instances of this SOP Class have a page.</summary>
    public static bool IsReportClass(string sopClassUid) => ReportClasses.IsReport(sopClassUid);

    /// <summary>The data set is a report's: by its SOP Class or, where that is private, by its content.</summary>
    public static bool IsReport(DicomDataSet dataSet) =>
        ReportClasses.IsReport(dataSet.Text(DicomTags.SOPClassUID))
        || (new ReportItem(dataSet).IsContainer && dataSet[DicomTags.ContentSequence] is not null);

    /// <summary>Writes the page.</summary>
    /// <param name="dataSet">The instance.</param>
    /// <param name="dicomWebUrl">Base of links, up to and with /dicom-web.</param>
    /// <param name="output">Takes UTF-8, <see cref="ReportLimits.PageBytes"/> of it at most, give or take an item.</param>
    public static void Write(DicomDataSet dataSet, string dicomWebUrl, IBufferWriter<byte> output)
    {
        var markup = new ReportMarkup(output);
        var references = new ReportReferences(dataSet, dicomWebUrl);
        markup.Raw("<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"u8)
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>"u8)
            .Text(Title(dataSet)).Raw("</title>\n<style>"u8).Raw(ReportStyle.Sheet).Raw("</style>\n</head>\n<body>\n"u8);
        new ReportHeader(markup, dataSet, references).Write();
        markup.Raw("<main>\n"u8);
        new ReportTree(markup, dataSet, references).Write();
        markup.Raw("</main>\n<footer><small class=\"uid\">SOP Instance UID "u8).Text(dataSet.Text(DicomTags.SOPInstanceUID)).Raw("</small></footer>\n"u8);
        if (markup.IsCut)
        {
            markup.Raw("<p class=\"incomplete\" role=\"note\">This page does not show all of the document.</p>\n"u8);
        }
        markup.Raw("</body>\n</html>\n"u8);
    }

    private static string Title(DicomDataSet dataSet)
    {
        var name = ReportFormat.Name(dataSet.Text(DicomTags.PatientName));
        return name.Length > 0 ? $"{ReportHeader.TitleOf(dataSet)} - {name}" : ReportHeader.TitleOf(dataSet);
    }
}

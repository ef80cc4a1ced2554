using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>CONTINUOUS containers (PS3.3 section C.18.8): items that are one flow of text.</summary>
internal sealed partial class ReportTree
{
    private static int InlineEnd(IReadOnlyList<DicomDataSet> children, int at)
    {
        while (at < children.Count && new ReportItem(children[at]).IsInline)
        {
            at++;
        }
        return at;
    }

    // Toolkits mark measurement groups CONTINUOUS too; without a TEXT among them, numbers need their names in front.
    private static bool IsProse(IReadOnlyList<DicomDataSet> children, int at, int end)
    {
        var isProse = false;
        for (var i = at; i < end && end - at > 1; i++)
        {
            isProse |= new ReportItem(children[i]).ValueType == "TEXT";
        }
        return isProse;
    }

    // A paragraph, and below it by number what its values are called and what is said of them.
    private void WriteProse(IReadOnlyList<DicomDataSet> children, string position, int at, int end, int depth)
    {
        var noted = new List<int>();
        markup.Raw("<li class=\"prose\"><p dir=\"auto\">"u8);
        for (var i = at; i < end && HasRoom(); i++)
        {
            var item = new ReportItem(children[i]);
            _items++;
            markup.Raw(i > at && !IsPunctuation(item) ? " "u8 : ""u8);
            // Texts follow each other as sentences do: what they are called is there for who asks.
            markup.Raw("<span class=\"value\" id=\"item-"u8).Text($"{position}.{i + 1}").Raw("\" title=\""u8).Text(item.Concept?.Name).Raw("\">"u8);
            _value.WriteInline(item);
            markup.Raw("</span>"u8);
            if (item.ValueType != "TEXT" || item.Children.Count > 0)
            {
                noted.Add(i);
                markup.Raw("<sup>"u8).Number(noted.Count).Raw("</sup>"u8);
            }
        }
        markup.Raw("</p>\n"u8);
        WriteNotes(children, position, noted, depth);
        markup.Raw("</li>\n"u8);
    }

    private void WriteNotes(IReadOnlyList<DicomDataSet> children, string position, List<int> noted, int depth)
    {
        if (noted.Count == 0)
        {
            return;
        }
        markup.Raw("<ul class=\"notes\">\n"u8);
        for (var i = 0; i < noted.Count; i++)
        {
            var item = new ReportItem(children[noted[i]]);
            markup.Raw("<li><sup>"u8).Number(i + 1).Raw("</sup> "u8);
            WriteName(item);
            if (ReportCode.Read(item.Data, DicomTags.ConceptCodeSequence) is { } code)
            {
                markup.Raw(" <small>"u8).Text(code.Notation).Raw("</small>"u8);
            }
            WriteObserved(item);
            WriteChildren(item, $"{position}.{noted[i] + 1}", depth + 1);
            markup.Raw("</li>\n"u8);
        }
        markup.Raw("</ul>\n"u8);
    }

    // Sentences go on behind a value: ". He has been seen".
    private static bool IsPunctuation(ReportItem item) =>
        item.ValueType == "TEXT" && item.Data.Text(DicomTags.TextValue) is ['.' or ',' or ';' or ':' or '!' or '?' or ')', ..];
}

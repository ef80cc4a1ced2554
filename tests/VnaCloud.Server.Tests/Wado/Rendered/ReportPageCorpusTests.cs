using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VnaCloud.Dicom;
using VnaCloud.Server.Wado.Rendered;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>Real reports: their texts are all there, and whatever DCMTK's dsr2html shows of them is there too.</summary>
public sealed partial class ReportPageCorpusTests
{
    // Between these, dsr2html's lines hold the values one by one.
    private static readonly string[] Separators = ["(", ")", "[", "]", "\"", "*", "#", " = ", "= ", ": ", ", ", " - ", " ="];

    // What dsr2html says of its own accord.
    private static readonly string[] OwnWords =
        ["Concept Modifier", "Observation Context", "Acquisition Context", "Properties", "Inferred from", "Selected from", "Contains", "by-reference", "Content Item",
            "observed"];

    // What only dsr2html shows, and why.
    private static readonly Dictionary<string, string> Differences = new(StringComparer.Ordinal)
    {
        ["dcmjs-sample-sr.dcm: 64.4505437946691 1"] = "UCUM's unity with the meaning px: the meaning is shown",
        ["dcmjs-sample-sr.dcm: 42.9670291964462 1"] = "UCUM's unity with the meaning px: the meaning is shown",
        ["dcmjs-sample-sr.dcm: Spatial Coordinates"] = "an SCOORD without a name: its graphic type says what it is",
        ["gen-key-object.dcm: CTe image"] = "dsr2html's word for an enhanced CT image",
        ["highdicom-sr_document_with_multiple_groups.dcm: hnsf'U"] = "UCUM's code for what is shown as Hounsfield Unit",
        ["pydicom-reportsi.dcm: unknown image"] = "a reference with empty UIDs: no instance",
        ["pydicom-test-sr.dcm: ComprehensiveSRStorage"] = "shown as Comprehensive SR",
        ["pydicom-test-sr.dcm: BasicTextSRStorage"] = "shown as Basic Text SR",
        ["pydicom-test-sr.dcm: CT image with presentation state"] = "shown as CT image, and the presentation state by its UID",
        ["pydicom-test-sr.dcm: HemodynamicWaveformStorage"] = "shown as Hemodynamic waveform",
    };

    public static IEnumerable<TheoryDataRow<string>> Files() =>
        (TestCorpus.Exists ? Reported().Select(file => file.Name) : [""]).Select(name => new TheoryDataRow<string>(name));

    [Fact]
    public void Corpus_HasReports()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        Assert.InRange(Reported().Count, 13, 100);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task File_RendersWithAllItsTexts(string name)
    {
        var report = await ReadAsync(Find(name));
        Assert.True(ReportPage.IsReport(report));
        var page = Reports.Parse(Reports.Page(report));
        var text = Reports.TextOf(page);
        // Names of the texts of a continuous paragraph are in its titles.
        var all = $"{text} {string.Join(' ', page.Descendants().Attributes("title").Select(title => title.Value))}";
        Assert.All(TextsOf(report), value => Assert.Contains(Reports.Flat(value), all, StringComparison.Ordinal));
        Assert.DoesNotContain("does not show all", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task File_ShowsWhatDsr2htmlShows(string name)
    {
        var file = Find(name);
        // As lenient as it gets: most of these files break a rule of their IOD.
        var result = await Tool.RunAsync("dsr2html", ["-q", "+U8", "-Er", "-Ev", "-Ec", "-Ee", "-Dv", "+X1", file.Path]);
        Assert.SkipWhen(result is null, "no dsr2html");
        Assert.True(result!.Output.Length > 0, result.Errors);
        var theirs = Fragments(Encoding.UTF8.GetString(result.Output)).Except(OwnWords).ToList();
        Assert.NotEmpty(theirs);
        var ours = Reports.TextOf(await ReadAsync(file));
        var onlyTheirs = theirs.Where(fragment => !ours.Contains(fragment, StringComparison.Ordinal)).Select(fragment => $"{name}: {fragment}");
        Assert.Equal(Differences.Keys.Where(difference => difference.StartsWith($"{name}: ", StringComparison.Ordinal)).Order(), onlyTheirs.Order());
    }

    [Fact]
    public async Task Files_ThatAreNoReports_AreNotTakenForOne()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        foreach (var file in TestCorpus.Ok.Where(file => !IsReported(file)).DistinctBy(file => file["sop_class_uid"]))
        {
            Assert.False(ReportPage.IsReport(await ReadAsync(file)), file.Name);
        }
    }

    private static List<CorpusFile> Reported() => [.. TestCorpus.Valid.Where(IsReported)];

    private static bool IsReported(CorpusFile file) => file["modality"] is "SR" or "KO" || ReportPage.IsReportClass(file["sop_class_uid"]);

    private static CorpusFile Find(string name)
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        return Reported().Single(file => file.Name == name);
    }

    private static async Task<DicomDataSet> ReadAsync(CorpusFile file)
    {
        await using var reader = await DicomReader.ReadAsync(new MemorySource(file.ReadBytes()), ReportPage.ReadOptions);
        return reader.DataSet;
    }

    // Every text value and every code's meaning of the content tree.
    private static IEnumerable<string> TextsOf(DicomDataSet item)
    {
        var own = item.Strings(DicomTags.TextValue)
            .Concat(item[DicomTags.ConceptNameCodeSequence]?.Items?.Select(code => code.String(DicomTags.CodeMeaning)) ?? [])
            .Concat(item[DicomTags.ConceptCodeSequence]?.Items?.Select(code => code.String(DicomTags.CodeMeaning)) ?? [])
            .Concat(item[DicomTags.MeasuredValueSequence]?.Items?.Select(value => value.String(DicomTags.NumericValue)) ?? []);
        return own.Concat(item[DicomTags.ContentSequence]?.Items?.SelectMany(TextsOf) ?? []);
    }

    // Its XHTML is not always well formed: lines of text are what is left when tags are gone.
    private static List<string> Fragments(string html)
    {
        var body = Ignored().Replace(html[html.IndexOf("<body>", StringComparison.Ordinal)..], "");
        var texts = Tags().Split(body).Select(text => Reports.Flat(WebUtility.HtmlDecode(text)));
        return [.. texts.SelectMany(text => text.Split(Separators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(fragment => fragment.TrimEnd(':').Trim()).Where(fragment => fragment.Length > 0 && !Numbered().IsMatch(fragment)).Distinct()];
    }

    // Its footer, its labels in front of the header's facts, its numbers of notes.
    [GeneratedRegex("""<div class="footnote">\s*This page.*|<td><b>.*?</b></td>|<span class="super">.*?</span>""", RegexOptions.Singleline)]
    private static partial Regex Ignored();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("^(Footnote|Annex)( [0-9]+)?$")]
    private static partial Regex Numbered();
}

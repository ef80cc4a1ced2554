using System.Diagnostics;
using System.Text;
using System.Xml.Linq;
using VnaCloud.Dicom;
using VnaCloud.Server.Wado.Rendered;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>Reports that would rather be something else.</summary>
public sealed class ReportPageHostileTests
{
    private const string Markup = "</span></style></title><script>alert(1)</script><img src=x onerror='alert(1)'/>\" onclick=\"x\" style=\"x\u0001\uFFFF]]>&amp;<!--";

    private static readonly string[] Elements =
        ["html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "h5", "h6", "p", "strong", "span", "dl", "div", "dt", "dd", "main",
            "ul", "li", "small", "em", "a", "sup", "br", "footer"];

    private static readonly string[] Attributes = ["xmlns", "lang", "charset", "name", "content", "class", "dir", "id", "href", "title", "role"];

    [Fact]
    public void Markup_InEveryValue_StaysText()
    {
        var page = AssertHarmless(Flooded());
        Assert.Contains("<script>alert(1)</script>", Reports.TextOf(page), StringComparison.Ordinal);
        Assert.Empty(page.Descendants(Reports.Html + "a"));
    }

    [Fact]
    public void TenThousandItems_AreAllShownInSeconds()
    {
        var items = Enumerable.Range(0, 10_000).Select(i => Reports.TextItem($"{Markup} number {i}.", name: Markup)).ToArray();
        var watch = Stopwatch.StartNew();
        var page = AssertHarmless(Reports.Root(items));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Contains("number 9999.", Reports.TextOf(page), StringComparison.Ordinal);
        Assert.DoesNotContain("does not show all", Reports.TextOf(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SEPARATE")]
    [InlineData("CONTINUOUS")]
    public void Items_PastTheLimit_AreCutOffVisibly(string continuity)
    {
        var items = Enumerable.Range(1, ReportLimits.Items + 5).Select(i => Reports.TextItem($"number {i}.", name: "")).ToArray();
        var text = Reports.TextOf(AssertHarmless(Reports.Root(items).Set(DicomTags.ContinuityOfContent, DicomVr.CS, continuity)));
        Assert.Contains($"number {ReportLimits.Items}.", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"number {ReportLimits.Items + 1}.", text, StringComparison.Ordinal);
        Assert.Contains("The items after this one are not shown.", text, StringComparison.Ordinal);
        Assert.Contains("This page does not show all of the document.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(10_000)]
    public void Depth_PastTheLimit_IsCutOffVisibly(int depth)
    {
        var item = Reports.TextItem("the deepest");
        for (var i = depth; i > 0; i--)
        {
            item = Reports.Item("CONTAINER", name: $"level {i}.").With(DicomTags.ContentSequence, item);
        }
        var text = Reports.TextOf(AssertHarmless(Reports.Root(item)));
        Assert.Contains($"level {ReportLimits.Depth}.", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"level {ReportLimits.Depth + 1}.", text, StringComparison.Ordinal);
        Assert.Contains("Items nested deeper than this are not shown.", text, StringComparison.Ordinal);
        Assert.Contains("This page does not show all of the document.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_PastItsSize_IsCutOffVisibly()
    {
        var text = new string('"', ReportLimits.TextCharacters - 10);
        var page = Reports.Page(Reports.Root([.. Enumerable.Range(0, 100).Select(_ => Reports.TextItem(text))]));
        Assert.InRange(page.Length, ReportLimits.PageBytes, ReportLimits.PageBytes + (2 * 1024 * 1024));
        Assert.Contains("The items after this one are not shown.", page, StringComparison.Ordinal);
        Reports.Parse(page);
    }

    [Fact]
    public void Values_PastTheLimit_AreCutOffVisibly()
    {
        var report = Reports.Root(
            Reports.TextItem(new string('x', ReportLimits.ValueBytes + 2)), Reports.TextItem(new string('y', ReportLimits.TextCharacters + 2)),
            Reports.Item("TEXT").Set(DicomElement.Located(DicomTags.TextValue, DicomVr.UT, 0, 5_000_000, bigEndian: false)),
            Reports.Item("SCOORD").Set(DicomElement.Located(DicomTags.GraphicData, DicomVr.FL, 0, 5_000_000, bigEndian: false)),
            Reports.Item("DATE").Set(DicomElement.Located(DicomTags.Date, DicomVr.DA, 0, 5_000_000, bigEndian: false)));
        var text = Reports.TextOf(AssertHarmless(report));
        Assert.Contains("Comment a value too long to be shown Comment y", text, StringComparison.Ordinal);
        Assert.Contains("y\u2026", text, StringComparison.Ordinal);
        Assert.Contains("\u2026 a value too long to be shown no type (\u2026) a value too long to be shown", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../admin", "1.2.5", "1.2.7")]
    [InlineData("1.2.3", "javascript:alert(1)", "1.2.7")]
    [InlineData("1.2.3", "1.2.5", "1.2.7\"><b")]
    [InlineData("", "1.2.5", "1.2.7")]
    [InlineData("1..2", "1.2.5", "1.2.7")]
    public void Uids_ThatAreNone_BecomeNoLinks(string study, string series, string sop)
    {
        var report = Reports.Root(Reports.Item("IMAGE").With(DicomTags.ReferencedSOPSequence, Reports.Reference(sop)))
            .With(DicomTags.CurrentRequestedProcedureEvidenceSequence, Reports.Evidence(study, series, Reports.Reference(sop)));
        var page = AssertHarmless(report);
        Assert.Empty(page.Descendants(Reports.Html + "a"));
        Assert.Contains($"CT image {sop}", Reports.TextOf(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TEXT", "no value")]
    [InlineData("CODE", "no value")]
    [InlineData("NUM", "no value")]
    [InlineData("DATE", "no value")]
    [InlineData("PNAME", "no value")]
    [InlineData("IMAGE", "Image no reference")]
    [InlineData("SCOORD", "no type no points")]
    [InlineData("SCOORD3D", "no type no points")]
    [InlineData("TCOORD", "no type")]
    [InlineData("", "no value")]
    public void Values_ThatAreMissing_AreSaidToBe(string type, string expected) =>
        Assert.Contains($"Imaging Report Patient Jane Doe Document Comprehensive SR {expected} SOP", Reports.TextOf(AssertHarmless(Reports.Root(Reports.Item(type)))), StringComparison.Ordinal);

    [Fact]
    public void DataSet_WithNothing_IsAPageThatSaysSo()
    {
        Assert.Contains("Document This document has no content.", Reports.TextOf(AssertHarmless(new DicomDataSet())), StringComparison.Ordinal);
    }

    [Fact]
    public void Sequences_OfAnotherVr_CountAsMissing()
    {
        var report = Reports.Root(Reports.Item("CODE").Set(DicomTags.ConceptCodeSequence, DicomVr.LO, "x").Set(DicomTags.ConceptNameCodeSequence, DicomVr.UN, "y"))
            .Set(DicomTags.VerifyingObserverSequence, DicomVr.LO, "z");
        Assert.Contains("no value", Reports.TextOf(AssertHarmless(report)), StringComparison.Ordinal);
    }

    [Fact]
    public void Surrogates_ThatAreHalf_AndControls_AreReplaced()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new ReportMarkup(output).Text("a\uD83Db\u001Bc\u0085d\uFFFEe\fg");
        Assert.Equal("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\ng", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    // Only what the page itself is made of, whatever the data says.
    private static XDocument AssertHarmless(DicomDataSet report)
    {
        var page = Reports.Parse(Reports.Page(report));
        Assert.Subset(Elements.ToHashSet(), page.Descendants().Select(element => element.Name.LocalName).ToHashSet());
        Assert.Subset(Attributes.ToHashSet(), page.Descendants().Attributes().Select(attribute => attribute.Name.LocalName).ToHashSet());
        Assert.All(page.Descendants().Attributes("href"), link => Assert.True(
            link.Value.StartsWith($"{Reports.DicomWebUrl}/studies/", StringComparison.Ordinal) || link.Value.StartsWith("#item-1", StringComparison.Ordinal)));
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        return page;
    }

    private static DicomDataSet Flooded()
    {
        string[] types = ["TEXT", "CODE", "NUM", "DATE", "TIME", "DATETIME", "PNAME", "UIDREF", "COMPOSITE", "IMAGE", "WAVEFORM", "SCOORD", "SCOORD3D", "TCOORD", "CONTAINER", Markup];
        var root = Flood(Reports.Root());
        return root.With(DicomTags.ContentSequence, [.. types.Select(type => Flood(Reports.Item(type, type == "TIME" ? Markup : "HAS PROPERTIES")))])
            .With(DicomTags.CurrentRequestedProcedureEvidenceSequence, Reports.Evidence(Markup, Markup, Reports.Reference(Markup)));
    }

    // Markup in every attribute that a page shows, at every level.
    private static DicomDataSet Flood(DicomDataSet data)
    {
        DicomTag[] texts = [DicomTags.TextValue, DicomTags.Date, DicomTags.Time, DicomTags.DateTime, DicomTags.PersonName, DicomTags.UID, DicomTags.GraphicType,
            DicomTags.TemporalRangeType, DicomTags.PixelOriginInterpretation, DicomTags.ReferencedFrameOfReferenceUID, DicomTags.FiducialUID, DicomTags.ObservationDateTime,
            DicomTags.ReferencedTimeOffsets, DicomTags.ReferencedDateTime, DicomTags.GraphicData, DicomTags.PatientName, DicomTags.PatientID, DicomTags.PatientSex,
            DicomTags.StudyDescription, DicomTags.StudyID, DicomTags.CompletionFlag, DicomTags.CompletionFlagDescription, DicomTags.VerificationFlag,
            DicomTags.ContentDate, DicomTags.ContentTime, DicomTags.Manufacturer, DicomTags.SOPInstanceUID, DicomTags.AccessionNumber];
        foreach (var tag in texts)
        {
            data.Set(tag, DicomVr.UT, Markup);
        }
        var code = Reports.Code(Markup, Markup, Markup).Set(DicomTags.CodingSchemeVersion, DicomVr.SH, Markup);
        var reference = Reports.Reference(Markup, Markup).Set(DicomTags.ReferencedFrameNumber, DicomVr.IS, Markup).Set(DicomTags.ReferencedWaveformChannels, DicomVr.LO, Markup)
            .With(DicomTags.ReferencedSOPSequence, Reports.Reference(Markup, Markup));
        return data.With(DicomTags.ConceptNameCodeSequence, code).With(DicomTags.ConceptCodeSequence, code).With(DicomTags.NumericValueQualifierCodeSequence, code)
            .With(DicomTags.MeasuredValueSequence, new DicomDataSet().Set(DicomTags.NumericValue, DicomVr.DS, Markup).With(DicomTags.MeasurementUnitsCodeSequence, code))
            .With(DicomTags.ReferencedSOPSequence, reference);
    }
}

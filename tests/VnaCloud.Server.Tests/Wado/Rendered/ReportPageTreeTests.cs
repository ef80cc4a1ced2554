using System.Xml.Linq;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>Containers, relationships and references of the content tree (PS3.3 section C.17.3.2).</summary>
public sealed class ReportPageTreeTests
{
    private static readonly DicomDataSet Millimeters = Reports.Code("mm", "millimeter", "UCUM");

    [Fact]
    public void Containers_AreHeadings_OneLevelDeeperEach()
    {
        var inner = Reports.Item("CONTAINER", name: "Chest").With(DicomTags.ContentSequence, Reports.TextItem("clear"));
        var page = Reports.Parse(Reports.Page(Reports.Root(Reports.Item("CONTAINER", name: "Findings").With(DicomTags.ContentSequence, inner))));
        Assert.Equal("Imaging Report", Assert.Single(page.Descendants(Reports.Html + "h1")).Value);
        Assert.Equal("Findings", Assert.Single(page.Descendants(Reports.Html + "h2")).Value.Trim());
        Assert.Equal("Chest", Assert.Single(page.Descendants(Reports.Html + "h3")).Value.Trim());
    }

    [Fact]
    public void ContinuousText_IsOneParagraphWithNotes()
    {
        var seen = Reports.TextItem("A mass of", name: "Phrase").With(DicomTags.ContentSequence,
            Reports.Item("CODE", "HAS CONCEPT MOD", "Certainty").With(DicomTags.ConceptCodeSequence, Reports.Code("1", "Probable")));
        var report = Reports.Root(Reports.Item("CONTAINER").Set(DicomTags.ContinuityOfContent, DicomVr.CS, "CONTINUOUS")
            .With(DicomTags.ContentSequence, seen, Reports.Number("3", Millimeters), Reports.TextItem("was detected"), Reports.TextItem(", slowly growing.")));
        var page = Reports.Parse(Reports.Page(report));
        Assert.Equal("A mass of1 3 mm2 was detected, slowly growing.", Assert.Single(page.Descendants(Reports.Html + "p"), IsProse).Value.Trim());
        Assert.Contains("1 Phrase Modifier Certainty Probable (1, 99TEST) 2 Diameter", Reports.TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void ContinuousNumbers_WithoutText_KeepTheirNames()
    {
        var report = Reports.Root(Reports.Number("3", Millimeters, "Length"), Reports.Number("4", Millimeters, "Width"))
            .Set(DicomTags.ContinuityOfContent, DicomVr.CS, "CONTINUOUS");
        var page = Reports.Parse(Reports.Page(report));
        Assert.DoesNotContain(page.Descendants(Reports.Html + "p"), IsProse);
        Assert.Contains("Length 3 mm Width 4 mm", Reports.TextOf(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HAS CONCEPT MOD", "Modifier")]
    [InlineData("HAS OBS CONTEXT", "Context")]
    [InlineData("HAS ACQ CONTEXT", "Acquisition")]
    [InlineData("HAS PROPERTIES", "Property")]
    [InlineData("INFERRED FROM", "Inferred from")]
    [InlineData("SELECTED FROM", "Selected from")]
    [InlineData("RHYMES WITH", "RHYMES WITH")]
    public void Relationships_AreNamed(string relationship, string expected)
    {
        var report = Reports.Root(Reports.TextItem("outer").With(DicomTags.ContentSequence, Reports.TextItem("inner", relationship, "Why")));
        Assert.Contains($"outer {expected} Why inner", Reports.TextOf(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Reference_ToAnItem_NamesAndLinksIt()
    {
        var page = Reports.Parse(Reports.Page(Reports.Root(Reports.TextItem("outer"), Referring("INFERRED FROM", 1, 1))));
        var link = Assert.Single(page.Descendants(Reports.Html + "a"));
        Assert.Equal("#item-1.1", link.Attribute("href")!.Value);
        Assert.Equal("Comment", link.Value);
        Assert.Contains("outer", page.Descendants().Single(element => element.Attribute("id")?.Value == "item-1.1").Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    public void Reference_ToNoItem_IsSaidToBeSo(int first, int second)
    {
        var page = Reports.Parse(Reports.Page(Reports.Root(Referring("INFERRED FROM", (uint)first, (uint)second))));
        Assert.Empty(page.Descendants(Reports.Html + "a"));
        Assert.Contains("an item that this document does not have", Reports.TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Items_WithATimeOfObservation_ShowIt()
    {
        var report = Reports.Root(Reports.TextItem("outer").Set(DicomTags.ObservationDateTime, DicomVr.DT, "20010213184746"));
        Assert.Contains("outer observed 2001-02-13 18:47:46", Reports.TextOf(report), StringComparison.Ordinal);
    }

    private static bool IsProse(XElement paragraph) => paragraph.Parent!.Attribute("class")?.Value == "prose";

    private static DicomDataSet Referring(string relationship, params uint[] path) => new DicomDataSet()
        .Set(DicomTags.RelationshipType, DicomVr.CS, relationship)
        .Set(new DicomElement(DicomTags.ReferencedContentItemIdentifier, DicomVr.UL, System.Runtime.InteropServices.MemoryMarshal.AsBytes<uint>(path).ToArray()));
}

using VnaCloud.Dicom;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>Each value type of PS3.3 Table C.17.3-7.</summary>
public sealed class ReportPageValueTests
{
    [Fact]
    public void Text_WithLineBreaks_KeepsThem()
    {
        var page = Reports.Page(Reports.Root(Reports.TextItem("First line.\r\nSecond\rThird")));
        Assert.Contains("First line.\nSecond\nThird", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_ShowsMeaningAndCode()
    {
        var item = Reports.Item("CODE", name: "Finding").With(DicomTags.ConceptCodeSequence, Reports.Code("T-A7010", "Spinal cord", "SRT"));
        Assert.Contains("Finding Spinal cord (T-A7010, SRT)", Reports.TextOf(Reports.Root(item)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mm", "millimeter", "UCUM", "Diameter 12.5 mm")]
    [InlineData("1", "no units", "UCUM", "Diameter 12.5 SOP")]
    [InlineData("{ratio}", "ratio", "UCUM", "Diameter 12.5 ratio")]
    [InlineData("1", "px", "UCUM", "Diameter 12.5 px SOP")]
    [InlineData("[hnsf'U]", "Hounsfield unit", "UCUM", "Diameter 12.5 Hounsfield unit SOP")]
    [InlineData("cm", "Length Unit", "99TEST", "Diameter 12.5 cm (Length Unit) SOP")]
    [InlineData("cm", "cm", "99TEST", "Diameter 12.5 cm SOP")]
    public void Num_ShowsTheUnitAsPeopleWriteIt(string code, string meaning, string scheme, string expected)
    {
        var text = Reports.TextOf(Reports.Root(Reports.Number("12.5", Reports.Code(code, meaning, scheme))));
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Num_WithoutValue_ShowsTheQualifier()
    {
        var item = Reports.Item("NUM", name: "Diameter").With(DicomTags.MeasuredValueSequence)
            .With(DicomTags.NumericValueQualifierCodeSequence, Reports.Code("114006", "Measurement failure", "DCM"));
        Assert.Contains("Diameter no value (Measurement failure)", Reports.TextOf(Reports.Root(item)), StringComparison.Ordinal);
    }

    [Fact]
    public void Num_WithOnlyARational_ShowsIt()
    {
        var value = new DicomDataSet()
            .Set(new DicomElement(DicomTags.RationalNumeratorValue, DicomVr.SL, new byte[] { 1, 0, 0, 0 }))
            .Set(new DicomElement(DicomTags.RationalDenominatorValue, DicomVr.UL, new byte[] { 3, 0, 0, 0 }));
        var item = Reports.Item("NUM", name: "Part").With(DicomTags.MeasuredValueSequence, value);
        Assert.Contains("Part 1/3", Reports.TextOf(Reports.Root(item)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DATE", "20010213", "2001-02-13")]
    [InlineData("DATE", "2001.02.13", "2001.02.13")]
    [InlineData("TIME", "184746.25", "18:47:46.25")]
    [InlineData("TIME", "1847", "18:47")]
    [InlineData("DATETIME", "20010213184746+0100", "2001-02-13 18:47:46 +01:00")]
    [InlineData("DATETIME", "200102", "2001-02")]
    [InlineData("DATETIME", "yesterday-ish", "yesterday-ish")]
    [InlineData("PNAME", "Riesmeier^Anna^M^Dr^MD", "Dr Anna M Riesmeier, MD")]
    [InlineData("PNAME", "Yamada^Tarou=\u5C71\u7530^\u592A\u90CE=\u3084\u307E\u3060^\u305F\u308D\u3046", "Tarou Yamada (\u5C71\u7530 \u592A\u90CE, \u3084\u307E\u3060 \u305F\u308D\u3046)")]
    [InlineData("UIDREF", "1.2.3.4.5", "1.2.3.4.5")]
    public void Shorts_AreWrittenForPeople(string type, string value, string expected)
    {
        var (tag, vr) = type switch
        {
            "DATE" => (DicomTags.Date, DicomVr.DA),
            "TIME" => (DicomTags.Time, DicomVr.TM),
            "DATETIME" => (DicomTags.DateTime, DicomVr.DT),
            "PNAME" => (DicomTags.PersonName, DicomVr.PN),
            _ => (DicomTags.UID, DicomVr.UI),
        };
        Assert.Contains($"Subject {expected} SOP", Reports.TextOf(Reports.Root(Reports.Item(type, name: "Subject").Set(tag, vr, value))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("COMPOSITE", "1.2.840.10008.5.1.4.1.1.88.11", "Basic Text SR 1.2.3.9")]
    [InlineData("IMAGE", "1.2.840.10008.5.1.4.1.1.2", "CT image 1.2.3.9")]
    [InlineData("WAVEFORM", "1.2.840.10008.5.1.4.1.1.9.2.1", "Hemodynamic waveform 1.2.3.9")]
    [InlineData("IMAGE", "1.2.999", "1.2.999 1.2.3.9")]
    public void Instances_OfUnknownPlace_AreNamedButNotLinked(string type, string sopClass, string expected)
    {
        var page = Reports.Parse(Reports.Page(Reports.Root(Reports.Item(type).With(DicomTags.ReferencedSOPSequence, Reports.Reference("1.2.3.9", sopClass)))));
        Assert.Contains(expected, Reports.TextOf(page), StringComparison.Ordinal);
        Assert.Empty(page.Descendants(Reports.Html + "a"));
    }

    [Fact]
    public void Image_InTheEvidence_IsLinkedWithItsFrames()
    {
        var image = Reports.Reference("1.2.3.9").Set(DicomTags.ReferencedFrameNumber, DicomVr.IS, "5", "x", "2")
            .Set(DicomTags.ReferencedSegmentNumber, 3)
            .With(DicomTags.ReferencedSOPSequence, Reports.Reference("1.2.3.8", "1.2.840.10008.5.1.4.1.1.11.1"));
        var report = Reports.Root(Reports.Item("IMAGE").With(DicomTags.ReferencedSOPSequence, image))
            .With(DicomTags.CurrentRequestedProcedureEvidenceSequence, Reports.Evidence("1.2.3", "1.2.3.5", Reports.Reference("1.2.3.9")));
        var page = Reports.Parse(Reports.Page(report));
        const string Url = $"{Reports.DicomWebUrl}/studies/1.2.3/series/1.2.3.5/instances/1.2.3.9";
        Assert.Equal([$"{Url}/rendered", $"{Url}/frames/5/rendered", $"{Url}/frames/2/rendered"], page.Descendants(Reports.Html + "a").Select(link => link.Attribute("href")!.Value));
        Assert.Contains("frames 5 , x, 2 segments 3 shown by Grayscale presentation state 1.2.3.8", Reports.TextOf(page), StringComparison.Ordinal);
        Assert.Contains("Evidence 1 instance", Reports.TextOf(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Waveform_ShowsItsChannels()
    {
        var waveform = Reports.Reference("1.2.3.9", "1.2.840.10008.5.1.4.1.1.9.1.1").Set(DicomTags.ReferencedWaveformChannels, 1, 3, 2, 0);
        Assert.Contains("12-lead ECG 1.2.3.9 channels 1, 3, 2, 0", Reports.TextOf(Reports.Root(Reports.Item("WAVEFORM").With(DicomTags.ReferencedSOPSequence, waveform))), StringComparison.Ordinal);
    }

    [Fact]
    public void Scoord_ShowsTypePointsAndOrigin()
    {
        var item = Reports.Item("SCOORD", name: "Outline").Set(DicomTags.GraphicType, DicomVr.CS, "POLYLINE").Set(DicomTags.PixelOriginInterpretation, DicomVr.CS, "VOLUME")
            .Floats(DicomTags.GraphicData, 58, 52, 58.5f, 41);
        Assert.Contains("Outline Polyline (58, 52) (58.5, 41) from the origin of the volume", Reports.TextOf(Reports.Root(item)), StringComparison.Ordinal);
    }

    [Fact]
    public void Scoord_OfManyPoints_ShowsTheFirst()
    {
        var item = Reports.Item("SCOORD").Set(DicomTags.GraphicType, DicomVr.CS, "POLYLINE").Floats(DicomTags.GraphicData, new float[2 * 100_000]);
        Assert.Contains("(0, 0) and 99988 more points", Reports.TextOf(Reports.Root(item)), StringComparison.Ordinal);
    }

    [Fact]
    public void Scoord3D_ShowsPointsAndFrameOfReference()
    {
        var item = Reports.Item("SCOORD3D").Set(DicomTags.GraphicType, DicomVr.CS, "POINT").Set(DicomTags.ReferencedFrameOfReferenceUID, DicomVr.UI, "1.2.7")
            .Floats(DicomTags.GraphicData, 1, 2, 3.5f);
        Assert.Contains("Point (1, 2, 3.5) frame of reference 1.2.7", Reports.TextOf(Reports.Root(item)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offsets", "Segment seconds 0.5, 2.25")]
    [InlineData("times", "Segment at 2001-02-13 18:47:46")]
    public void Tcoord_ShowsItsTimes(string kind, string expected)
    {
        var item = Reports.Item("TCOORD").Set(DicomTags.TemporalRangeType, DicomVr.CS, "SEGMENT");
        _ = kind == "offsets" ? item.Set(DicomTags.ReferencedTimeOffsets, DicomVr.DS, "0.5", "2.25") : item.Set(DicomTags.ReferencedDateTime, DicomVr.DT, "20010213184746");
        Assert.Contains(expected, Reports.TextOf(Reports.Root(item)), StringComparison.Ordinal);
    }

    [Fact]
    public void Type_ThatIsNotKnown_IsNamed() =>
        Assert.Contains("values of this type are not shown: TABLE", Reports.TextOf(Reports.Root(Reports.Item("TABLE", name: "Doses"))), StringComparison.Ordinal);
}

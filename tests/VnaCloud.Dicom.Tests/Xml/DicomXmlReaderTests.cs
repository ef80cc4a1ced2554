using System.Diagnostics;
using System.Text;

namespace VnaCloud.Dicom.Tests.Xml;

/// <summary>The Native DICOM Model (PS3.19 A.1), and what is not.</summary>
public class DicomXmlReaderTests
{
    private static DicomDataSet Read(string inside, BulkDataResolver? bulk = null) =>
        DicomXmlReader.Read(new MemoryStream(Encoding.UTF8.GetBytes($"<NativeDicomModel xmlns=\"{DicomXmlReader.Namespace}\">{inside}</NativeDicomModel>")), bulk);

    private static string Attribute(string tag, string vr, string inside, string more = "") => $"<DicomAttribute tag=\"{tag}\" vr=\"{vr}\" {more}>{inside}</DicomAttribute>";

    [Fact]
    public void Values_OfEachKind_AreRead()
    {
        var data = Read(
            Attribute("00081030", "LO", "<Value number=\"1\">größe</Value><Value number=\"3\"> Ω &amp;</Value>")
            + Attribute("00280030", "DS", "<Value>0.5</Value>\n  <Value>1.50</Value>")
            + Attribute("00280010", "US", "<Value number=\"1\">65535</Value>")
            + Attribute("00280009", "AT", "<Value number=\"1\">00181063</Value>")
            + Attribute("00189073", "FD", "<Value number=\"1\">0.1</Value>")
            + Attribute("00282000", "OB", "<InlineBinary>AQI\nD</InlineBinary>")
            + Attribute("00104000", "LT", "<Value number=\"1\">a\\b&#13;\nc</Value>")
            + Attribute("00080050", "SH", "<Value number=\"1\"/>")
            + "<DicomAttribute tag=\"00080060\" vr=\"CS\"/>");
        Assert.Equal(["größe", "", "Ω &"], data.Strings(DicomTags.StudyDescription));
        Assert.Equal(["0.5", "1.50"], data.Strings(DicomTags.PixelSpacing));
        Assert.Equal(65535, data.Integer(DicomTags.Rows));
        Assert.Equal("00181063", data.String(DicomTags.FrameIncrementPointer));
        Assert.Equal("0.1", data.String(new DicomTag(0x0018_9073)));
        Assert.Equal([1, 2, 3, 0], data[new DicomTag(0x0028_2000)]!.Value.ToArray());
        Assert.Equal("a\\b\r\nc", data.String(new DicomTag(0x0010_4000)));
        Assert.True(data[DicomTags.AccessionNumber]!.IsEmpty);
        Assert.True(data[DicomTags.Modality]!.IsEmpty);
        Assert.Equal("ISO_IR 192", data.String(DicomTags.SpecificCharacterSet));
    }

    [Fact]
    public void Name_OfGroupsAndComponents_IsPutTogether()
    {
        const string name = "<PersonName number=\"1\"><Alphabetic><FamilyName>Yamada</FamilyName><NameSuffix>Jr</NameSuffix></Alphabetic><Ideographic/><Phonetic><GivenName>たろう</GivenName></Phonetic></PersonName>";
        Assert.Equal("Yamada^^^^Jr==^たろう", Read(Attribute("00100010", "PN", name)).String(DicomTags.PatientName));
        Assert.True(Read(Attribute("00100010", "PN", "<PersonName number=\"1\"/>")).String(DicomTags.PatientName).Length == 0);
    }

    [Fact]
    public void Items_Nested_InheritAndKeepTheirOrder()
    {
        var data = Read(Attribute("0040A730", "SQ", "<Item number=\"1\">" + Attribute("00080104", "LO", "<Value number=\"1\">ä</Value>") + "</Item><Item number=\"2\"/>") + Attribute("00081140", "SQ", ""));
        var items = data[new DicomTag(0x0040_A730)]!.Items!;
        Assert.Equal(2, items.Count);
        Assert.Equal("ä", items[0].String(DicomTags.CodeMeaning));
        Assert.Empty(data[new DicomTag(0x0008_1140)]!.Items!);
    }

    [Fact]
    public void Private_WithCreator_IsInTheCreatorsBlock()
    {
        var data = Read(
            Attribute("000900FE", "LO", "<Value number=\"1\">LAST</Value>") + Attribute("00090010", "LO", "<Value number=\"1\">OTHER</Value>") + Attribute("00090011", "LO", "<Value number=\"1\">ACME</Value>")
            + Attribute("00090001", "SH", "<Value number=\"1\">x</Value>", "privateCreator=\"ACME\"")
            + Attribute("00091002", "SH", "<Value number=\"1\">y</Value>", "privateCreator=\"OTHER\"")
            + Attribute("00090000", "SH", "<Value number=\"1\">0</Value>", "privateCreator=\"LAST\"")
            + Attribute("00090003", "SH", "<Value number=\"1\">z</Value>", "privateCreator=\"NEW\""));
        Assert.Equal("x", data.String(new DicomTag(0x0009_1101)));
        Assert.Equal("y", data.String(new DicomTag(0x0009_1002)));
        Assert.Equal("0", data.String(new DicomTag(0x0009_FE00)));
        Assert.Equal("z", data.String(new DicomTag(0x0009_1203)));
        Assert.Equal("NEW", data.PrivateCreatorOf(new DicomTag(0x0009_1203)));
    }

    [Fact]
    public void BulkData_ByUriOrUuid_IsAskedFor()
    {
        var asked = new List<string>();
        Read(Attribute("00080005", "CS", "<Value number=\"1\">ISO_IR 100</Value>") + Attribute("7FE00010", "OW", "<BulkData uri=\"http://x/y\"/>") + Attribute("00420011", "OB", "<BulkData uuid=\"abc\"></BulkData>"), reference =>
        {
            asked.Add($"{reference.Tag} {reference.Uri} {reference.Source.Terms[0]}");
            return new DicomElement(reference.Tag, reference.Vr, default(ReadOnlyMemory<byte>));
        });
        Assert.Equal(["(7FE0,0010) http://x/y ISO_IR 100", "(0042,0011) abc ISO_IR 100"], asked);
    }

    public static TheoryData<string> Malformed() =>
    [
        "", "x", "<NativeDicomModel>", "<Other/>", "<NativeDicomModel xmlns=\"urn:x\"/>", "<NativeDicomModel/><NativeDicomModel/>",
        "<NativeDicomModel>text</NativeDicomModel>", "<NativeDicomModel><Item/></NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute vr=\"LO\"/></NativeDicomModel>",
        "<NativeDicomModel><DicomAttribute tag=\"0010\" vr=\"LO\"/></NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00100020", "XX", "")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00100020", "LO", "<Item/>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00100020", "LO", "<Value><b/></Value>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00100020", "LO", "<Value number=\"0\">x</Value>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00100020", "LO", "<Value number=\"-1\">x</Value>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00280010", "US", "<Value>65536</Value>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00282000", "OB", "<InlineBinary>%%</InlineBinary>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00282000", "OB", "<BulkData uri=\"x\"/>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00282000", "OB", "<BulkData/>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00282000", "OB", "<InlineBinary/><InlineBinary/>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00100010", "PN", "<Value>x</Value>")}</NativeDicomModel>",
        $"<NativeDicomModel>{Attribute("00100010", "PN", "<PersonName><Other/></PersonName>")}</NativeDicomModel>",
        "<NativeDicomModel>&unknown;</NativeDicomModel>",
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Document_ThatIsNotTheModel_IsMalformed(string xml) =>
        Assert.Equal(DicomFault.Malformed, Assert.Throws<DicomFormatException>(() => DicomXmlReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(xml)))).Fault);

    [Theory]
    [Trait("attacks", "66")]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><NativeDicomModel>&a;</NativeDicomModel>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><NativeDicomModel>&c;</NativeDicomModel>")]
    [InlineData("<!DOCTYPE x SYSTEM \"http://169.254.169.254/x.dtd\"><NativeDicomModel/>")]
    [InlineData("<NativeDicomModel><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\"/></NativeDicomModel>")]
    public void Document_WithDefinitionsOrIncludes_IsRefused(string xml)
    {
        var fault = Assert.Throws<DicomFormatException>(() => DicomXmlReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(xml))));
        Assert.DoesNotContain("root:", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("attacks", "66")]
    public void Limits_OfDepthAndElements_AreKept()
    {
        var deep = string.Concat(Enumerable.Repeat("<DicomAttribute tag=\"00081140\" vr=\"SQ\"><Item>", 100)) + string.Concat(Enumerable.Repeat("</Item></DicomAttribute>", 100));
        Assert.Equal(DicomFault.LimitExceeded, Assert.Throws<DicomFormatException>(() => Read(deep)).Fault);
        var many = string.Concat(Enumerable.Repeat("<DicomAttribute tag=\"00081140\" vr=\"SQ\"/>", 200_001));
        Assert.Equal(DicomFault.LimitExceeded, Assert.Throws<DicomFormatException>(() => Read(many)).Fault);
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(DicomFault.LimitExceeded, Assert.Throws<DicomFormatException>(() => Read(Attribute("00100020", "LO", "<Value number=\"2000000000\">x</Value>"))).Fault);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        var endless = string.Concat(Enumerable.Repeat("<NativeDicomModel>", 1_000_000));
        Assert.Equal(DicomFault.Malformed, Assert.Throws<DicomFormatException>(() => Read(endless)).Fault);
    }

    [Fact]
    public void Elements_InDescendingOrder_TakeNoLonger()
    {
        var many = string.Concat(Enumerable.Range(0, 150_000).Select(i => $"<DicomAttribute tag=\"{0x0012_FFFF - i:X8}\" vr=\"UN\"/>"));
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(150_001, Read(many).Count);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }
}

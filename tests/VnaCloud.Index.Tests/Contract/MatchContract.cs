using VnaCloud.Archive;
using VnaCloud.Dicom;
using static VnaCloud.Index.Tests.Contract.SearchHarness;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>How every provider matches (PS3.4 C.2.2.2).</summary>
public abstract class MatchContract
{
    private const uint Description = 0x0008_1030;
    private const uint Date = 0x0008_0020;
    private const uint Time = 0x0008_0030;

    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Theory]
    [InlineData("O'Brien")]
    [InlineData("--; DROP TABLE study")]
    [InlineData("100%")]
    [InlineData("a_b")]
    [InlineData("[a-z]")]
    [InlineData("]")]
    [InlineData("a\\b")]
    [InlineData("\uFFFF")]
    [InlineData("$$")]
    [InlineData("\"quoted\"")]
    [InlineData("@p0")]
    [InlineData("\U0001F600")]
    public async Task AnyOf_SpecialSigns_AreLiteral(string text)
    {
        await using var harness = await OpenAsync();
        await StoreDescriptionsAsync(harness, text, "axb", "z", "100x", "");

        Assert.Equal("1", await harness.StudiesAsync(Any(Description, text)));
        Assert.Equal("1", await harness.StudiesAsync(Wild(Description, text)));
        Assert.Equal("1", await harness.StudiesAsync(Wild(Description, text + "*")));
        Assert.Equal("1", await harness.StudiesAsync(Wild(Description, "*" + text)));
        var tail = text[(char.IsHighSurrogate(text[0]) ? 2 : 1)..];
        Assert.Contains("1", await harness.StudiesAsync(Wild(Description, "?" + tail)));
    }

    [Theory]
    [InlineData("CHEST*", "1 2")]
    [InlineData("*PA", "1 4")]
    [InlineData("CHEST ??", "1 2")]
    [InlineData("chest*", "3")]
    [InlineData("*EST*", "1 2")]
    [InlineData("C*T*P*", "1 2")]
    [InlineData("????", "5")]
    [InlineData("*", "1 2 3 4 5 6")]
    [InlineData("[C]HEST*", "")]
    [InlineData("", "6")]
    public async Task Wildcard_Pattern_MatchesCaseSensitively(string pattern, string found)
    {
        await using var harness = await OpenAsync();
        await StoreDescriptionsAsync(harness, "CHEST PA", "CHEST AP", "chest PA2", "PA", "ÄÖÜß", "");

        Assert.Equal(found, await harness.SortedStudiesAsync(Wild(Description, pattern)));
    }

    [Fact]
    public async Task Wildcard_PrefixAtEndOfUnicode_FindsItsValues()
    {
        await using var harness = await OpenAsync();
        await StoreDescriptionsAsync(harness, "a\U0010FFFFz", "a\uD7FFz", "b", "a\uFFFFz");

        Assert.Equal("1", await harness.StudiesAsync(Wild(Description, "a\U0010FFFF*")));
        Assert.Equal("2", await harness.StudiesAsync(Wild(Description, "a\uD7FF*")));
        Assert.Equal("4", await harness.StudiesAsync(Wild(Description, "a\uFFFF*")));
        Assert.Equal("1 2 4", await harness.SortedStudiesAsync(Wild(Description, "a*")));
    }

    [Theory]
    [InlineData("20240101", "20240131", "1 2")]
    [InlineData("20240115", null, "2 3")]
    [InlineData(null, "20240101", "1")]
    [InlineData("2024", "2024", "1 2 3")]
    [InlineData("202402", "202403", "3")]
    [InlineData("20240201", "20240101", "")]
    [InlineData(null, null, "1 2 3")]
    [InlineData("99999999", null, "")]
    public async Task Range_Date_IncludesBothEnds(string? from, string? to, string found)
    {
        await using var harness = await OpenAsync();
        await StoreAsync(harness, new() { StudyDate = "20240101" }, new() { StudyDate = "20240131" }, new() { StudyDate = "20240229" }, new());

        Assert.Equal(found, await harness.SortedStudiesAsync(Range(Date, from, to)));
        Assert.Equal(found, await harness.SortedStudiesAsync(Range(Date, from, to), Any(0x0008_0061, "CT")));
    }

    [Theory]
    [InlineData("10", "10", "1 2")]
    [InlineData("1030", "11", "2 3")]
    [InlineData("103000.5", null, "3")]
    public async Task Range_Time_ComparesUpToThePrecisionOfTheBound(string? from, string? to, string found)
    {
        await using var harness = await OpenAsync();
        await StoreAsync(harness, new() { StudyTime = "100000" }, new() { StudyTime = "103000.123" }, new() { StudyTime = "115959" }, new());

        Assert.Equal(found, await harness.SortedStudiesAsync(Range(Time, from, to)));
    }

    [Theory]
    [InlineData("20240101120000", "20240102120000", "2 3")]
    [InlineData("2024010112", "2024010113", "2")]
    [InlineData("20240102", null, "3 4")]
    [InlineData(null, "20240101", "1 2 5")]
    [InlineData(null, "20240101115959", "1 5")]
    public async Task Combined_DateAndTime_IsOneInstant(string? from, string? to, string found)
    {
        await using var harness = await OpenAsync();
        await StoreAsync(harness, new() { StudyDate = "20240101", StudyTime = "080000" }, new() { StudyDate = "20240101", StudyTime = "130000" },
            new() { StudyDate = "20240102", StudyTime = "080000" }, new() { StudyDate = "20240102", StudyTime = "130000" },
            new() { StudyDate = "20240101" }, new() { StudyTime = "120000" });

        Assert.Equal(found, await harness.SortedStudiesAsync(new Criterion(new DicomTag(Date), new Match.Combined(new DicomTag(Time), from, to))));
    }

    [Theory]
    [InlineData("SMITH^JOHN", false, "1")]
    [InlineData("smith^john^^", false, "1")]
    [InlineData("SMITH", false, "")]
    [InlineData("smith*", false, "1 2")]
    [InlineData("MULLER*", false, "3")]
    [InlineData("Müller^J?rg", false, "3")]
    [InlineData("山田*", false, "4")]
    [InlineData("*太郎", false, "4")]
    [InlineData("YAMADA^TAROU=山田^太郎", false, "4")]
    [InlineData("=山田*", false, "4")]
    [InlineData("山田*=", false, "")]
    [InlineData("*", false, "1 2 3 4 5")]
    [InlineData("john smi", true, "1")]
    [InlineData("smi", true, "1 2")]
    [InlineData("tarou 山田", true, "4")]
    [InlineData("ohn", true, "")]
    [InlineData("*smith*", true, "1 2")]
    public async Task Name_Pattern_IsFoldedAndAsksEachGroup(string pattern, bool fuzzy, string found)
    {
        await using var harness = await OpenAsync();
        string[] names = ["Smith^John^^", "SMITH^JACK", "Müller^Jörg", "Yamada^Tarou=山田^太郎=やまだ^たろう", ""];
        await StoreAsync(harness, [.. names.Select(static name => new StudyAttributes { PatientName = name, ReferringPhysicianName = name, PatientSex = "O" })]);

        Assert.Equal(found, await harness.SortedStudiesAsync(Name(pattern, fuzzy)));
        Assert.Equal(found, await harness.SortedStudiesAsync(Name(pattern, fuzzy, 0x0008_0090)));
        Assert.Equal(found, await harness.SortedStudiesAsync(Name(pattern, fuzzy), Any(0x0008_0061, "CT"), Any(0x0010_0040, "O")));
        Assert.Equal(found, await harness.SortedStudiesAsync(Name(pattern, fuzzy), Any(0x0008_0061, "CT")));
    }

    [Fact]
    public async Task Name_MatchingTwiceInOneStudy_FindsItOnce()
    {
        await using var harness = await OpenAsync();
        await StoreAsync(harness, new() { PatientName = "JOHNSON^JOHN=JOHN" }, new() { PatientName = "JOHN" });

        Assert.Equal("1 2", await harness.SortedStudiesAsync(Name("john*")));
        Assert.Equal("1 2", await harness.SortedStudiesAsync(Name("jo", fuzzy: true)));
        Assert.Equal("1", await harness.SortedStudiesAsync(Name("johns john", fuzzy: true)));
    }

    [Fact]
    public async Task Patients_WhoseKeysLookAlike_AreTwo()
    {
        await using var harness = await OpenAsync();
        await StoreAsync(harness, new() { IssuerOfPatientId = "A|B", PatientId = "C" }, new() { IssuerOfPatientId = "A", PatientId = "B|C" });

        Assert.Equal(["2"], await harness.RowsAsync("SELECT count(*) FROM patient"));
        Assert.Equal("1", await harness.SortedStudiesAsync(Any(0x0010_0021, "A|B"), Any(0x0010_0020, "C")));
    }

    [Fact]
    public async Task Empty_Attribute_FindsWhatHasNone()
    {
        await using var harness = await OpenAsync();
        await StoreAsync(harness, new() { PatientName = "A", StudyDate = "20240101" }, new() { AccessionNumber = "1" });
        await harness.StoreAsync(Sample.Member(Sample.Key(3), new StudyAttributes { PatientName = "B" }, new SeriesAttributes(), rows: null));

        Assert.Equal("2", await harness.SortedStudiesAsync(Empty(0x0010_0010)));
        Assert.Equal("2 3", await harness.SortedStudiesAsync(Empty(Date)));
        Assert.Equal("3", await harness.SortedStudiesAsync(Empty(0x0008_0061)));
        Assert.Equal("3", await harness.SortedStudiesAsync(Empty(0x0028_0010)));
        Assert.Equal("1 2 3", await harness.SortedStudiesAsync(Empty(0x0040_1001)));
    }

    [Fact]
    public async Task LowerLevelCriteria_AtStudyLevel_AskForOneSeries()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1), series: new SeriesAttributes { Modality = "CT", SeriesDescription = "A" }),
            Sample.Member(Sample.Key(1, 2), series: new SeriesAttributes { Modality = "MR", SeriesDescription = "B" }, rows: 64));
        await harness.StoreAsync(Sample.Member(Sample.Key(2), series: new SeriesAttributes { Modality = "CT", SeriesDescription = "B" }));

        Assert.Equal("2", await harness.SortedStudiesAsync(Any(0x0008_0060, "CT"), Any(0x0008_103E, "B")));
        Assert.Equal("1 2", await harness.SortedStudiesAsync(Any(0x0008_0060, "CT")));
        Assert.Equal("1", await harness.SortedStudiesAsync(Any(0x0008_0061, "CT"), Any(0x0008_0061, "MR")));
        Assert.Equal("1 2", await harness.SortedStudiesAsync(Any(0x0008_0061, "MR", "CT")));
        Assert.Equal("1", await harness.SortedStudiesAsync(Wild(0x0008_0061, "M?")));
        Assert.Equal("1", await harness.SortedStudiesAsync(Any(0x0028_0010, "64"), Any(0x0008_103E, "B")));
        Assert.Equal("", await harness.SortedStudiesAsync(Any(0x0028_0010, "64"), Any(0x0008_103E, "A")));
        Assert.Equal("1", await harness.SortedStudiesAsync(Any(0x0008_0018, "1.2.3.1.2.1")));
        Assert.Equal("1 2", await harness.SortedStudiesAsync(Any(0x0020_000E, "1.2.3.1.2", "1.2.3.2.1")));
    }

    [Fact]
    public async Task ListOfModalities_AtEveryLevel_FindsEachOnceInOrder()
    {
        await using var harness = await OpenAsync();
        StudyAttributes On(string date) => new() { StudyDate = date, PatientName = "Doe^Jane" };
        SeriesAttributes Of(string modality) => new() { Modality = modality };
        await harness.StoreAsync(Sample.Member(Sample.Key(1), On("20240101"), Of("CT")));
        await harness.StoreAsync(Sample.Member(Sample.Key(2), On("20240103"), Of("CT")), Sample.Member(Sample.Key(2, 2), On("20240103"), Of("MR")));
        await harness.StoreAsync(Sample.Member(Sample.Key(3), On("20240102"), Of("MR")));
        await harness.StoreAsync(Sample.Member(Sample.Key(4), On("20240104"), Of("US")));

        Assert.Equal("2 3 1", await harness.StudiesAsync(Any(0x0008_0061, "CT", "MR", "XA")));
        Assert.Equal("2.1 2.2 3.1 1.1", await harness.LowerAsync(QueryLevel.Series, Any(0x0008_0060, "MR", "CT")));
        Assert.Equal("2.2.1 3.1.1", await harness.LowerAsync(QueryLevel.Instance, Any(0x0008_0060, "MR"), Name("doe*")));
        Assert.Equal("2.1 2.2", await harness.LowerAsync(QueryLevel.Series, Any(0x0008_0061, "MR", "US"), Any(0x0008_0020, "20240103")));
    }

    [Fact]
    public async Task RequestAttributes_BothCriteria_HoldForOneItem()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1), series: new SeriesAttributes { Requests = [new("S1", "R1"), new("S2", "R2")] }));
        await harness.StoreAsync(Sample.Member(Sample.Key(2), series: new SeriesAttributes { Requests = [new("S1", "R2")] }));
        await harness.StoreAsync(Sample.Member(Sample.Key(3)));

        Assert.Equal("2", await harness.SortedStudiesAsync(Any(0x0040_0009, "S1"), Any(0x0040_1001, "R2")));
        Assert.Equal("1 2", await harness.SortedStudiesAsync(Any(0x0040_0009, "S1")));
        Assert.Equal("1.1 2.1", await harness.LowerAsync(QueryLevel.Series, Wild(0x0040_1001, "R*")));
        Assert.Equal("1.1", await harness.LowerAsync(QueryLevel.Series, Any(0x0040_0009, "S2"), Any(0x0040_1001, "R2")));
        var row = (await harness.SearchAsync(QueryLevel.Series, Any(0x0040_0009, "S2"))).Rows[0];
        Assert.Equal([new RequestAttributes("S1", "R1"), new RequestAttributes("S2", "R2")], row.Series!.Attributes.Requests);
    }

    [Fact]
    public async Task Numbers_AnyOf_MatchByValue()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1), series: new SeriesAttributes { SeriesNumber = "07" }, number: "3"),
            Sample.Member(Sample.Key(1, 2), series: new SeriesAttributes { SeriesNumber = "x7" }, number: "03", rows: 7));

        Assert.Equal("1.1", await harness.LowerAsync(QueryLevel.Series, Any(0x0020_0011, "7")));
        Assert.Equal("1.2", await harness.LowerAsync(QueryLevel.Series, Any(0x0020_0011, "x7")));
        Assert.Equal("1.2.1 1.1.1", string.Join(' ', (await harness.LowerAsync(QueryLevel.Instance, Any(0x0020_0013, "3"))).Split(' ').OrderDescending()));
        Assert.Equal("1.2.1", await harness.LowerAsync(QueryLevel.Instance, Any(0x0028_0010, "7")));
        Assert.Equal("", await harness.LowerAsync(QueryLevel.Instance, Any(0x0028_0010, "7; DROP")));
    }

    private static Task StoreDescriptionsAsync(IndexHarness harness, params string[] descriptions) =>
        StoreAsync(harness, [.. descriptions.Select(static text => new StudyAttributes { StudyDescription = text })]);

    private static async Task StoreAsync(IndexHarness harness, params StudyAttributes[] studies)
    {
        foreach (var (i, attributes) in studies.Index())
        {
            await harness.StoreAsync(Sample.Member(Sample.Key(i + 1), attributes));
        }
    }
}

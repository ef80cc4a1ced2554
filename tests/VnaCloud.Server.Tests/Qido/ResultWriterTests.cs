using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Qido;

namespace VnaCloud.Server.Tests.Qido;

/// <summary>What a result holds (PS3.18 10.6.3.3) and how it is written (F.2).</summary>
public sealed class ResultWriterTests
{
    private const string StudyDefaults = "00080005 00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 00100040 0020000D 00200010 00201206 00201208";

    private static readonly StudyAttributes Yamada = new()
    {
        StudyDate = "20240229",
        PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう",
        PatientId = "A\\B",
        TimezoneOffset = "+0900",
        StudyDescription = "Thorax",
    };

    [Fact, Trait("dicomweb", "69"), Trait("dicomweb", "98")]
    public async Task Study_OfNothingKnown_HasAllAttributesOfTheTableInOrder()
    {
        var result = await WriteAsync(QueryLevel.Study, "", SearchRows.Study(new StudyAttributes()));

        Assert.Equal(StudyDefaults, Tags(result));
        Assert.Equal("""{"vr":"DA"}""", Text(result["00080020"]));
        Assert.Equal("""{"vr":"PN"}""", Text(result["00100010"]));
        Assert.Equal("""{"vr":"CS","Value":["ISO_IR 192"]}""", Text(result["00080005"]));
        Assert.Equal("""{"vr":"CS","Value":["ONLINE"]}""", Text(result["00080056"]));
        Assert.Equal("""{"vr":"CS","Value":["CT","SR"]}""", Text(result["00080061"]));
        Assert.Equal("""{"vr":"UR","Value":["http://vna.test/dicom-web/studies/1.2"]}""", Text(result["00081190"]));
        Assert.Equal("""{"vr":"IS","Value":[2]}""", Text(result["00201206"]));
        Assert.Equal("""{"vr":"IS","Value":[30]}""", Text(result["00201208"]));
    }

    [Fact, Trait("dicomweb", "69"), Trait("dicomweb", "104")]
    public async Task Study_WithValues_GivesThemAsUtf8()
    {
        var result = await WriteAsync(QueryLevel.Study, "", SearchRows.Study(Yamada));

        Assert.Equal("""{"vr":"PN","Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎","Phonetic":"やまだ^たろう"}]}""", Text(result["00100010"]));
        Assert.Equal("""{"vr":"LO","Value":["A","B"]}""", Text(result["00100020"]));
        Assert.Equal("""{"vr":"SH","Value":["+0900"]}""", Text(result["00080201"]));
        Assert.Null(result["00081030"]);
    }

    [Theory, Trait("dicomweb", "69")]
    [InlineData("=山田", """{"vr":"PN","Value":[{"Ideographic":"山田"}]}""")]
    [InlineData("==", """{"vr":"PN"}""")]
    [InlineData("Doe^Jane^^", """{"vr":"PN","Value":[{"Alphabetic":"Doe^Jane^^"}]}""")]
    public async Task Name_WithoutSomeGroups_HasTheOthers(string name, string json) =>
        Assert.Equal(json, Text((await WriteAsync(QueryLevel.Study, "", SearchRows.Study(new StudyAttributes { PatientName = name })))["00100010"]));

    [Fact, Trait("dicomweb", "70")]
    public async Task Series_InAStudy_HasItsTable()
    {
        var attributes = new SeriesAttributes { Modality = "CT", SeriesNumber = " 7", SeriesDescription = "Axial", Requests = [new("S1", ""), new("S2", "R2")] };

        var result = await WriteAsync(QueryLevel.Series, "", SearchRows.Series(Yamada, attributes), "1.2");

        Assert.Equal("00080005 00080056 00080060 00080201 0008103E 00081190 0020000D 0020000E 00200011 00201209 00400275", Tags(result));
        Assert.Equal("""{"vr":"IS","Value":[7]}""", Text(result["00200011"]));
        Assert.Equal("""{"vr":"UR","Value":["http://vna.test/dicom-web/studies/1.2/series/1.2.3"]}""", Text(result["00081190"]));
        Assert.Equal(
            """{"vr":"SQ","Value":[{"00400009":{"vr":"SH","Value":["S1"]},"00401001":{"vr":"SH"}},{"00400009":{"vr":"SH","Value":["S2"]},"00401001":{"vr":"SH","Value":["R2"]}}]}""",
            Text(result["00400275"]));
    }

    [Fact, Trait("dicomweb", "70")]
    public async Task Series_WithANumberThatIsNone_KeepsTheString() =>
        Assert.Equal("""{"vr":"IS","Value":["7a"]}""", Text((await WriteAsync(QueryLevel.Series, "", SearchRows.Series(new(), new() { SeriesNumber = "7a" })))["00200011"]));

    [Fact, Trait("dicomweb", "71")]
    public async Task Instance_InASeries_HasItsTable()
    {
        var instance = new InstanceAttributes { SopClassUid = "1.2.840.10008.5.1.4.1.1.2", TransferSyntaxUid = "1.2.840.10008.1.2.1", InstanceNumber = "5", Rows = 512, Columns = 256 };

        var result = await WriteAsync(QueryLevel.Instance, "", SearchRows.Instance(instance), "1.2", "1.2.3");

        Assert.Equal("00080005 00080016 00080018 00080056 00081190 0020000D 0020000E 00200013 00280010 00280011", Tags(result));
        Assert.Equal("""{"vr":"US","Value":[512]}""", Text(result["00280010"]));
        Assert.Equal("""{"vr":"UR","Value":["http://vna.test/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.4"]}""", Text(result["00081190"]));
    }

    [Fact, Trait("dicomweb", "72")]
    public async Task Result_OfABroaderResource_HasTheLevelsAbove()
    {
        var instance = SearchRows.Instance(new InstanceAttributes { SopClassUid = "1.2", TransferSyntaxUid = "1.2" });

        var series = Tags(await WriteAsync(QueryLevel.Series, "", SearchRows.Series(new(), new())));
        var ofStudy = Tags(await WriteAsync(QueryLevel.Instance, "", instance, "1.2"));
        var all = Tags(await WriteAsync(QueryLevel.Instance, "", instance));

        Assert.All(StudyDefaults.Split(' '), tag => Assert.Contains(tag, series, StringComparison.Ordinal));
        Assert.All(StudyDefaults.Split(' '), tag => Assert.Contains(tag, all, StringComparison.Ordinal));
        Assert.Contains("00080060", ofStudy, StringComparison.Ordinal);
        Assert.Contains("00080060", all, StringComparison.Ordinal);
        Assert.DoesNotContain("00100010", ofStudy, StringComparison.Ordinal);
    }

    [Theory, Trait("dicomweb", "73"), Trait("dicomweb", "88")]
    [InlineData("StudyDescription=Thorax")]
    [InlineData("StudyDescription=")]
    [InlineData("StudyDescription=*")]
    public async Task Attribute_Matched_IsReturned(string query) =>
        Assert.Equal("""{"vr":"LO","Value":["Thorax"]}""", Text((await WriteAsync(QueryLevel.Study, query, SearchRows.Study(Yamada)))["00081030"]));

    [Fact, Trait("dicomweb", "73")]
    public async Task Attribute_MatchedAndEmpty_IsReturnedEmpty() =>
        Assert.Equal("""{"vr":"LO"}""", Text((await WriteAsync(QueryLevel.Study, "StudyDescription=", SearchRows.Study(new())))["00081030"]));

    [Fact, Trait("dicomweb", "74")]
    public async Task IncludeField_InAColumn_NeedsNoMetadata()
    {
        var result = await WriteAsync(QueryLevel.Study, "includefield=StudyDescription,00100021", SearchRows.Study(Yamada));

        Assert.Equal("""{"vr":"LO","Value":["Thorax"]}""", Text(result["00081030"]));
        Assert.Equal("""{"vr":"LO"}""", Text(result["00100021"]));
    }

    [Fact, Trait("dicomweb", "74"), Trait("dicomweb", "75")]
    public async Task IncludeField_InNoColumn_ComesFromStoredMetadataInOrder()
    {
        const string Stored = """{"00080016":{"vr":"UI","Value":["1.2"]},"00080070":{"vr":"LO","Value":["ACME"]},"00101010":{"vr":"AS","Value":["040Y"]}}""";

        var result = await WriteAsync(QueryLevel.Study, "includefield=PatientAge,Manufacturer,SOPClassUID", SearchRows.Study(Yamada), metadata: ("study", Stored));

        Assert.Equal("""{"vr":"AS","Value":["040Y"]}""", Text(result["00101010"]));
        Assert.Null(result["00080070"]);
        Assert.Null(result["00080016"]);
        Assert.Equal(Tags(result).Split(' ').Order(StringComparer.Ordinal), Tags(result).Split(' '));
    }

    [Fact, Trait("dicomweb", "74")]
    public async Task IncludeField_OfAPath_GivesNothingElseOfTheItems()
    {
        const string Stored = """{"00400275":{"vr":"SQ","Value":[{"00321060":{"vr":"LO","Value":["x"]},"00400009":{"vr":"SH","Value":["S1"]}},{}]}}""";

        var result = await WriteAsync(QueryLevel.Series, "includefield=RequestAttributesSequence.RequestedProcedureDescription", SearchRows.Series(new(), new()), metadata: ("series", Stored));

        Assert.Equal("""{"vr":"SQ","Value":[{"00321060":{"vr":"LO","Value":["x"]}},{}]}""", Text(result["00400275"]));
    }

    [Fact, Trait("dicomweb", "74"), Trait("dicomweb", "75"), Trait("attack", "51")]
    public async Task IncludeField_All_IsAllOfTheLevelAndAbove()
    {
        const string Stored = """{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00080008":{"vr":"CS","Value":["ORIGINAL"]},"00080070":{"vr":"LO","Value":["ACME"]},"00101010":{"vr":"AS"},"00091010":{"vr":"LO"}}""";

        var study = await WriteAsync(QueryLevel.Study, "includefield=all", SearchRows.Study(new()), metadata: ("study", Stored));
        var series = await WriteAsync(QueryLevel.Series, "includefield=all", SearchRows.Series(new(), new()), metadata: ("series", Stored));
        var instance = await WriteAsync(QueryLevel.Instance, "includefield=all", SearchRows.Instance(new() { SopClassUid = "1.2", TransferSyntaxUid = "1.2" }), metadata: ("instance", Stored));

        Assert.Equal(["00101010"], Extra(study));
        Assert.Equal(["00080070", "00101010"], Extra(series));
        Assert.Equal(["00080008", "00080070", "00091010", "00101010"], Extra(instance));
        Assert.Equal("""{"vr":"CS","Value":["ISO_IR 192"]}""", Text(instance["00080005"]));
        Assert.NotNull(study["00081030"]);

        static IEnumerable<string> Extra(JsonObject result) => new[] { "00080008", "00080070", "00091010", "00101010" }.Where(result.ContainsKey);
    }

    [Fact, Trait("dicomweb", "76")]
    public async Task IncludeField_Private_ComesWithItsCreator()
    {
        const string Stored = """{"00090010":{"vr":"LO","Value":["ACME 1"]},"00091001":{"vr":"LO"},"00091002":{"vr":"DS","Value":[1.5]}}""";

        var result = await WriteAsync(QueryLevel.Instance, "includefield=00091002", SearchRows.Instance(new() { SopClassUid = "1.2", TransferSyntaxUid = "1.2" }), metadata: ("instance", Stored));

        Assert.Equal("""{"vr":"LO","Value":["ACME 1"]}""", Text(result["00090010"]));
        Assert.Equal("""{"vr":"DS","Value":[1.5]}""", Text(result["00091002"]));
        Assert.Null(result["00091001"]);
    }

    private static async Task<JsonObject> WriteAsync(
        QueryLevel level, string query, SearchRow row, string? study = null, string? series = null, (string Pack, string Json)? metadata = null)
    {
        var (request, faults) = QidoRequestReader.Read(new QidoResource(level, study, series), "?" + query, new LimitOptions());
        Assert.Null(faults);
        var writer = new ResultWriter(new ResultPlan(request!), new ResultScope(level, "http://vna.test"), (locator, baseUrl, _) =>
        {
            Assert.Equal((metadata?.Pack, "http://vna.test"), (locator.PackKey, baseUrl));
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(System.Text.Encoding.UTF8.GetBytes(metadata!.Value.Json));
        });
        var buffer = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            await writer.WriteAsync(json, row, TestContext.Current.CancellationToken);
        }
        return JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
    }

    private static string Tags(JsonObject result) => string.Join(' ', result.Select(attribute => attribute.Key));

    private static string? Text(JsonNode? node) => node?.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

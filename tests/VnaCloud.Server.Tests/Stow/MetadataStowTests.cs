using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>Metadata and bulk data apart (PS3.18 10.5.2, checklist dicomweb 62).</summary>
public sealed class MetadataStowTests
{
    private const string PixelData = "7FE00010";
    private const string Octets = "application/octet-stream";
    private const string AsStored = "application/dicom; transfer-syntax=*";

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Instances_OfMetadataAndNativePixels_AreStoredAndServed()
    {
        await using var server = await WireServer.BorrowAsync();
        byte[][] pixels = [Files.Pattern(6, 1), Files.Pattern(70_000, 2)];
        var body = new MetadataBody()
            .Metadata(
                MetadataJson.Instance("1.1").Grey(2, 3).With("00100010", "PN", new JsonObject { ["Alphabetic"] = "Doe^Jané" }).Named(PixelData, "OB", "bulk/a"),
                MetadataJson.Instance("1.2").Grey(100, 350, 16).Named(PixelData, "OW", "http://sender/b"))
            .Bulk("http://sender/b", Octets, pixels[1]).Bulk("bulk/a", Octets, pixels[0]);
        using var response = await body.PostAsync(server);
        var answer = await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        Assert.Equal(["1.1", "1.2"], answer.Items(StowJson.Referenced).Select(item => item.Text("00081155")));
        for (var i = 0; i < 2; i++)
        {
            var read = await ReadAsync(server, $"1.{i + 1}");
            Assert.Equal(TransferSyntax.ExplicitVrLittleEndian, read.TransferSyntax);
            Assert.Equal(pixels[i], read.DataSet[DicomTags.PixelData]!.Value.ToArray());
        }
        Assert.Equal("Doe^Jané", (await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!["00100010"]!["Value"]![0]!["Alphabetic"]!.ToString());
        if (!Stack.IsCloud)
        {
            Assert.Empty(Directory.GetFiles(Path.Combine(server.Folder, "spool")));
        }
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Values_OfEveryPlace_AreFilled()
    {
        await using var server = await WireServer.BorrowAsync();
        var item = new JsonObject().Named("54001010", "OW", "wave");
        var json = MetadataJson.Instance("1.1").With("54000100", "SQ", item).Named("00091001", "UN", "private").Named("00091002", "OB", "one").With("00090010", "LO", "ACME").Named("0040A160", "UT", "text");
        json["00081030"] = new JsonObject { ["vr"] = "LO", ["Value"] = new JsonArray("Straße") };
        json["00080005"] = new JsonObject { ["vr"] = "CS", ["Value"] = new JsonArray("ISO_IR 100") };
        json["00282000"] = new JsonObject { ["vr"] = "OB", ["InlineBinary"] = Convert.ToBase64String([1, 2, 3, 4]) };
        json["00020010"] = new JsonObject { ["vr"] = "UI", ["Value"] = new JsonArray("1.2.3") };
        var body = new MetadataBody().Metadata(json).Bulk("wave", Octets, [1, 2, 3, 4]).Bulk("private", Octets, [9, 8, 7]).Bulk("one", Octets, [5]).Bulk("text", Octets, Encoding.Latin1.GetBytes("grün"));
        using var response = await body.PostAsync(server);
        await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        var data = (await ReadAsync(server, "1.1")).DataSet;
        Assert.Equal([1, 2, 3, 4], data[new DicomTag(0x5400_0100)]!.Items![0][new DicomTag(0x5400_1010)]!.Value.ToArray());
        Assert.Equal([9, 8, 7, 0], data[new DicomTag(0x0009_1001)]!.Value.ToArray());
        Assert.Equal([5, 0], data[new DicomTag(0x0009_1002)]!.Value.ToArray());
        Assert.Equal([1, 2, 3, 4], data[new DicomTag(0x0028_2000)]!.Value.ToArray());
        Assert.Equal("Straße", data.String(DicomTags.StudyDescription));
        // Bulk text is in the character set that the metadata names, stored text in UTF-8.
        Assert.Equal("grün", data.String(DicomTags.TextValue));
        Assert.Null(data[DicomTags.TransferSyntaxUID]);
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("image/jls", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.81")]
    [InlineData("image/x-jls", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.80")]
    [InlineData("image/jp2", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.91")]
    [InlineData("image/j2c", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.202")]
    [InlineData("image/jxl", null, "1.2.840.10008.1.2.4.112")]
    [InlineData("image/dicom-rle", null, "1.2.840.10008.1.2.5")]
    [InlineData("image/jpeg", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.57")]
    [InlineData("application/octet-stream", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.70")]
    [InlineData("video/mp4", "1.2.840.10008.1.2.4.103", "1.2.840.10008.1.2.4.103")]
    public async Task Pixels_Compressed_KeepTheirTransferSyntax(string type, string? syntax, string expected)
    {
        await using var server = await WireServer.BorrowAsync();
        var frame = Files.Pattern(501, 3);
        var body = new MetadataBody().Metadata(MetadataJson.Instance("1.1").Grey(8, 8).Named(PixelData, "OW", "p"))
            .Bulk("p", syntax is null ? type : $"{type}; transfer-syntax={syntax}", frame);
        using var response = await body.PostAsync(server);
        await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        var read = await ReadAsync(server, "1.1");
        Assert.Equal(expected, read.TransferSyntax.Uid);
        Assert.Equal(DicomVr.OB, read.DataSet[DicomTags.PixelData]!.Vr);
        var pixels = read.DataSet[DicomTags.PixelData]!.Fragments!;
        Assert.Equal([.. frame, 0], Assert.Single(pixels.Values!).ToArray());
        Assert.Empty(pixels.BasicOffsetTable);
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("p", "p", "p", "p")]
    [InlineData("p", "p/frames/1", "p/frames/2", "p/frames/3")]
    [InlineData("http://h/i/bulkdata/7FE00010", "http://h/i/frames/1", "http://h/i/frames/2", "http://h/i/frames/3")]
    [InlineData("http://h/i/frames", "http://h/i/frames/1", "http://h/i/frames/2", "http://h/i/frames/3")]
    public async Task Frames_OfOneLocationOrNumbered_AreAFragmentEach(string uri, params string[] locations)
    {
        await using var server = await WireServer.BorrowAsync();
        var frames = Enumerable.Range(0, 3).Select(i => Files.Pattern(99 + i, i)).ToArray();
        var body = new MetadataBody().Metadata(MetadataJson.Instance("1.1").Grey(8, 8).With("00280008", "IS", 3).Named(PixelData, "OB", uri), MetadataJson.Instance("1.2").Grey(2, 2).Named(PixelData, "OB", "other"));
        // Numbered ones may come in any order, and others between them.
        int[] order = locations[0] == locations[1] ? [0, 1, 2] : [2, 0, 1];
        foreach (var i in order)
        {
            body.Bulk(locations[i], "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90", frames[i]);
            if (i == 0)
            {
                body.Bulk("other", Octets, [1, 2, 3, 4]);
            }
        }
        using var response = await body.PostAsync(server);
        await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        var pixels = (await ReadAsync(server, "1.1")).DataSet[DicomTags.PixelData]!.Fragments!;
        Assert.Equal([0u, 108u, 216u], pixels.BasicOffsetTable);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(frames[i], pixels.Values![i].ToArray().AsSpan(0, frames[i].Length).ToArray());
        }
        Assert.StartsWith("image/jp2", (await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/2", ("Accept", "image/jp2"))).Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Frames_Native_AreJoinedWhereverTheyLie()
    {
        await using var server = await WireServer.BorrowAsync();
        var body = new MetadataBody().Metadata(MetadataJson.Instance("1.1").Grey(1, 2).With("00280008", "IS", 2).Named(PixelData, "OB", "p"), MetadataJson.Instance("1.2").Grey(1, 2).Named(PixelData, "OB", "q"))
            .Bulk("p/frames/2", Octets, [3, 4]).Bulk("q", Octets, [9, 9]).Bulk("p/frames/1", Octets, [1, 2]);
        using var response = await body.PostAsync(server);
        await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        Assert.Equal([1, 2, 3, 4], (await ReadAsync(server, "1.1")).DataSet[DicomTags.PixelData]!.Value.ToArray());
        Assert.Equal([9, 9], (await ReadAsync(server, "1.2")).DataSet[DicomTags.PixelData]!.Value.ToArray());
    }

    private static readonly Dictionary<string, (int Reason, Action<JsonObject, MetadataBody> Build)> Bad = new()
    {
        ["no part"] = (0xA922, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p"))),
        ["a URL of the cloud's own"] = (0xA922, (json, body) => body.Metadata(json.Named(PixelData, "OB", "http://169.254.169.254/latest"))),
        ["a file of the server"] = (0xA922, (json, body) => body.Metadata(json.Named(PixelData, "OB", "file:///etc/passwd"))),
        ["no frame 1"] = (0xA922, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p/frames/2", "image/dicom-rle", [1])),
        ["too few frames"] = (0xA922, (json, body) => body.Metadata(json.With("00280008", "IS", 2).Named(PixelData, "OB", "p")).Bulk("p", "image/dicom-rle", [1])),
        ["too many frames"] = (0xC000, (json, body) => body.Metadata(json.With("00280008", "IS", 1).Named(PixelData, "OB", "p")).Bulk("p", "image/dicom-rle", [1]).Bulk("p", "image/dicom-rle", [1])),
        ["a frame twice"] = (0xC000, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p/frames/1", "image/dicom-rle", [1]).Bulk("p/frames/1", "image/dicom-rle", [1])),
        ["frames of two kinds"] = (0xC000, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p", "image/dicom-rle", [1]).Bulk("p", "image/jp2", [1])),
        ["several parts of a single value"] = (0xC000, (json, body) => body.Metadata(json.Named("00282000", "OB", "p")).Bulk("p", Octets, [1]).Bulk("p", Octets, [1])),
        ["a sequence"] = (0xC000, (json, body) => body.Metadata(json.Named("00081140", "SQ", "p")).Bulk("p", Octets, [1])),
        ["bits of two frames"] = (0xC000, (json, body) => body.Metadata(json.Grey(3, 3, 1).Named(PixelData, "OB", "p")).Bulk("p", Octets, [1, 1]).Bulk("p", Octets, [1, 1])),
        ["a picture that DICOM has no syntax for"] = (0xC122, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p", "image/gif", [1])),
        ["a picture that does not say its syntax"] = (0xC000, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p", "image/jpeg", [1, 2, 3])),
        ["an unknown syntax"] = (0xC122, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p", $"{Octets}; transfer-syntax=1.2.3", [1])),
        ["a syntax of another type"] = (0xC122, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p", "image/jpeg; transfer-syntax=1.2.840.10008.1.2.5", [1])),
        ["big endian"] = (0xC122, (json, body) => body.Metadata(json.Named(PixelData, "OB", "p")).Bulk("p", $"{Octets}; transfer-syntax=1.2.840.10008.1.2.2", [1])),
        ["an icon that alone is compressed"] = (0xC000, (json, body) => body.Metadata(json.With("00880200", "SQ", new JsonObject().Named(PixelData, "OB", "p"))).Bulk("p", "image/jpeg", [1])),
    };

    public static TheoryData<string> Failures() => [.. Bad.Keys];

    [Theory]
    [MemberData(nameof(Failures))]
    [Trait("dicomweb", "62")]
    [Trait("attacks", "65")]
    public async Task Instance_WithoutUsableBulkData_FailsAndTheOthersAreStored(string what)
    {
        var (reason, build) = Bad[what];
        await using var server = await WireServer.BorrowAsync();
        var alone = new MetadataBody();
        build(MetadataJson.Instance("1.1").Grey(8, 8), alone);
        using (var response = await alone.PostAsync(server))
        {
            var failed = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Conflict)).Items(StowJson.Failed));
            Assert.True(failed.Reason() == reason, $"{what}: {failed}");
            Assert.Equal("1.1", failed.Text("00081155"));
            Assert.DoesNotContain("passwd", failed!.ToJsonString(), StringComparison.Ordinal);
        }
        Assert.Empty(await server.ObjectsAsync("*.tar"));
        var together = new MetadataBody().Metadata(MetadataJson.Instance("1.2"));
        build(MetadataJson.Instance("1.1").Grey(8, 8), together);
        using var second = await together.PostAsync(server);
        var answer = await WireServer.AnswerAsync(second, HttpStatusCode.Accepted);
        Assert.Equal("1.2", Assert.Single(answer.Items(StowJson.Referenced)).Text("00081155"));
        Assert.Equal(reason, Assert.Single(answer.Items(StowJson.Failed)).Reason());
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("elsewhere")]
    [InlineData(null)]
    public async Task Part_ThatNoMetadataNames_Is202WithAWarning(string? location)
    {
        await using var server = await WireServer.BorrowAsync();
        var body = new MetadataBody().Metadata(MetadataJson.Instance("1.1").Named(PixelData, "OB", "p")).Bulk("p", Octets, [1, 2]).Bulk(location, Octets, [1]);
        using var response = await body.PostAsync(server);
        var answer = await WireServer.AnswerAsync(response, HttpStatusCode.Accepted);
        Assert.Single(answer.Items(StowJson.Referenced));
        Assert.Contains("1 parts", Assert.Single(response.Headers.GetValues("Warning")), StringComparison.Ordinal);
    }

    public static TheoryData<string, int, string> BadMetadata() => new()
    {
        { "", 400, "not JSON" },
        { "[{]", 400, "line 1, byte 3" },
        { "[{}] x", 400, "not JSON" },
        { "7", 400, "not an array" },
        { "[[]]", 400, "not an array" },
        { "[]", 400, "no instance" },
        { """[{"0010":{"vr":"LO"}}]""", 400, "eight hexadecimal digits" },
        { """[{"00100010":{"vr":"XX"}}]""", 400, "(0010,0010)" },
        { """[{"00280010":{"vr":"US","Value":["x"]}}]""", 400, "(0028,0010)" },
        { """[{"00282000":{"vr":"OB","InlineBinary":"%"}}]""", 400, "base64" },
        { $"[{new string('[', 300)}", 400, "" },
        { $"[{string.Concat(Enumerable.Repeat("""{"00081140":{"vr":"SQ","Value":[""", 100))}", 400, "" },
        { $"[{{{string.Join(',', Enumerable.Range(0, 200_001).Select(i => $"\"{i + 0x0009_0000:X8}\":{{\"vr\":\"UN\"}}"))}}}]", 400, "200000" },
        { $"\"{new string('x', 17_000_000)}\"", 413, "" },
    };

    [Theory]
    [MemberData(nameof(BadMetadata))]
    [Trait("dicomweb", "62")]
    public async Task Metadata_ThatCannotBeRead_IsRefusedWithWhatIsWrong(string metadata, int status, string message)
    {
        await using var server = await WireServer.BorrowAsync();
        var body = new MetadataBody().Metadata(metadata).Bulk("p", Octets, [1, 2]);
        using var response = await body.PostAsync(server);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, text);
        Assert.Contains(message, text, StringComparison.Ordinal);
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("application/dicom", 400)]
    [InlineData("application/octet-stream", 400)]
    [InlineData("application/json", 200)]
    public async Task FirstPart_HasToBeMetadata(string type, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        var body = new MetadataBody().Part($"Content-Type: {type}", Encoding.UTF8.GetBytes(new JsonArray(MetadataJson.Instance("1.1")).ToJsonString()));
        using var response = await body.PostAsync(server);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Instances_AreStoredByTheRulesOfAllOthers()
    {
        await using var server = await WireServer.BorrowAsync();
        MetadataBody Body(byte value, JsonObject? json = null) => new MetadataBody().Metadata((json ?? MetadataJson.Instance("1.1")).Grey(1, 2).Named(PixelData, "OB", "p")).Bulk("p", Octets, [value, 2]);
        using (var first = await Body(1).PostAsync(server))
        using (var again = await Body(1).PostAsync(server))
        using (var other = await Body(7).PostAsync(server))
        {
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict], new[] { first, again, other }.Select(response => response.StatusCode));
            Assert.Equal(0x0111, Assert.Single((await WireServer.AnswerAsync(other, HttpStatusCode.Conflict)).Items(StowJson.Failed)).Reason());
        }
        var nameless = MetadataJson.Instance("1.3");
        nameless.Remove("00080018");
        foreach (var (json, path, reason) in new[] { (MetadataJson.Instance("1.2"), "studies/1.2.3", 0xA901), (MetadataJson.Instance("../x"), "studies", 0x0117), (nameless, "studies", 0x0120) })
        {
            using var response = await Body(1, json).PostAsync(server, path);
            var answer = await WireServer.AnswerAsync(response, HttpStatusCode.Conflict);
            Assert.Equal(reason, Assert.Single(answer.Items(StowJson.Failed).Concat(answer.Items(StowJson.Other))).Reason());
        }
        using var warned = await Body(1, MetadataJson.Instance("1.4").With("00080020", "DA", "20260231")).PostAsync(server);
        Assert.Equal(0xB007, Assert.Single((await WireServer.AnswerAsync(warned, HttpStatusCode.Accepted)).Items(StowJson.Referenced)).Warning());
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Metadata_BeyondWhatAllMayHold_IsToComeBackLater()
    {
        await using var server = await WireServer.StartAsync("--Vna:Limits:IngestBufferBytes", $"{8 << 20}");
        var large = MetadataJson.Instance("1.1");
        large["00282000"] = new JsonObject { ["vr"] = "OB", ["InlineBinary"] = new string('A', 9 << 20) };
        using var refused = await new MetadataBody().Metadata(large).PostAsync(server);
        Assert.Equal((503, 5), ((int)refused.StatusCode, (int)refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        // What was held is given back, also by those that were refused.
        for (var i = 0; i < 3; i++)
        {
            large["00282000"]!["InlineBinary"] = new string('A', 7 << 20);
            using var response = await new MetadataBody().Metadata(large).PostAsync(server);
            await WireServer.AnswerAsync(response, HttpStatusCode.OK);
        }
    }

    private static async Task<DicomReader> ReadAsync(WireServer server, string sop) =>
        await DicomReader.ReadAsync(new MemorySource(await server.BytesAsync(Files.InstanceUrl(sop), ("Accept", AsStored))), new DicomReadOptions { KeepPixelData = long.MaxValue });
}

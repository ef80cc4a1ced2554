using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wado;

public sealed class WadoMetadataTests
{
    [Fact]
    [Trait("dicomweb", "120")]
    [Trait("dicomweb", "64")]
    public async Task Metadata_OfEachLevel_IsAnArrayOfItsInstances()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        await server.StoreAsync(Files.Ct("1.3", series: "1.2.5"));
        foreach (var (path, count) in new[] { ($"studies/{Files.Study}", 3), ($"studies/{Files.Study}/series/{Files.Series}", 2), (Files.InstanceUrl("1.3", "1.2.5"), 1) })
        {
            using var response = await server.GetAsync($"{path}/metadata");
            Assert.Equal("application/dicom+json", response.Content.Headers.ContentType!.ToString());
            Assert.Equal(count, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsArray().Count);
        }
    }

    [Theory]
    [Trait("dicomweb", "27")]
    [Trait("dicomweb", "28")]
    [Trait("dicomweb", "134")]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP;q=0.5", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("deflate, gzip, br, zstd", "gzip")]
    [InlineData("br", "")]
    [InlineData("br, gzip;q=0", "")]
    [InlineData("*", "gzip")]
    [InlineData("*, gzip;q=0", "")]
    [InlineData("gzip;q=0, *", "")]
    [InlineData("identity", "")]
    [InlineData("identity;q=1, gzip;q=0.5", "")]
    [InlineData("identity;q=0.5, gzip;q=1", "gzip")]
    [InlineData("gzip;q=0", "")]
    public async Task Encoding_IsGzipAsStoredOrIdentity_AlwaysWithItsLength(string? accepted, string encoding)
    {
        await using var server = await WireServer.BorrowAsync();
        // Several packs, several holes.
        await server.StoreAsync(Files.Ct("1.1"), Files.Changed("1.2", data => data.Set(new DicomElement(new DicomTag(0x0009_1001), DicomVr.OB, new byte[10_000]))));
        await server.StoreAsync(Files.Ct("1.3"));
        using var response = await server.GetAsync($"studies/{Files.Study}/metadata", accepted is null ? [] : [("Accept-Encoding", accepted)]);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(encoding, string.Join(',', response.Content.Headers.ContentEncoding));
        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        if (encoding == "gzip")
        {
            using var inflated = new MemoryStream();
            await new GZipStream(new MemoryStream(body), CompressionMode.Decompress).CopyToAsync(inflated);
            body = inflated.ToArray();
        }
        var plain = await server.BytesAsync($"studies/{Files.Study}/metadata");
        Assert.Equal(plain, body);
        Assert.Equal(3, JsonNode.Parse(body)!.AsArray().Count);
    }

    [Fact]
    [Trait("dicomweb", "28")]
    public async Task Encodings_HaveTagsOfTheirOwn()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var gzip = await server.GetAsync($"studies/{Files.Study}/metadata", ("Accept-Encoding", "gzip"));
        using var plain = await server.GetAsync($"studies/{Files.Study}/metadata");
        using var brotli = await server.GetAsync($"studies/{Files.Study}/metadata", ("Accept-Encoding", "br"));
        Assert.NotEqual(gzip.Headers.ETag, plain.Headers.ETag);
        Assert.Equal(plain.Headers.ETag, brotli.Headers.ETag);
    }

    [Fact]
    [Trait("dicomweb", "138")]
    public async Task Metadata_AsXml_IsAPartForEachInstance()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        using var response = await server.GetAsync($"studies/{Files.Study}/metadata", ("Accept", "multipart/related; type=\"application/dicom+xml\""));
        var parts = await AnswerParts.ReadAsync(response);
        Assert.Equal("application/dicom+xml", parts.RelatedType);
        var read = parts.Parts.Select(part => DicomXmlReader.Read(new MemoryStream(part.Body), reference => new DicomElement(reference.Tag, reference.Vr, System.Text.Encoding.ASCII.GetBytes(reference.Uri)))).ToList();
        Assert.Equal(["1.1", "1.2"], read.Select(data => data.String(DicomTags.SOPInstanceUID)));
        Assert.Equal($"{server.DicomWeb}/{Files.InstanceUrl("1.1")}/bulkdata/7FE00010", System.Text.Encoding.ASCII.GetString(read[0][DicomTags.PixelData]!.Value.Span));
        using var alone = await server.GetAsync($"{Files.InstanceUrl("1.1")}/metadata", ("Accept", "application/dicom+xml"));
        Assert.Equal("application/dicom+xml", alone.Content.Headers.ContentType!.MediaType);
        Assert.Equal(parts.Parts[0].Body, await alone.Content.ReadAsByteArrayAsync());
        using var same = await server.GetAsync($"{Files.InstanceUrl("1.1")}/metadata", ("Accept", "application/dicom+xml"), ("If-None-Match", alone.Headers.ETag!.ToString()));
        Assert.Equal(304, (int)same.StatusCode);
    }

    [Theory]
    [Trait("dicomweb", "4")]
    [Trait("dicomweb", "5")]
    [Trait("dicomweb", "13")]
    [Trait("dicomweb", "138")]
    [InlineData("application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*", 200)]
    [InlineData("application/json", 200)]
    [InlineData("*/*", 200)]
    [InlineData("application/dicom+xml", 406)]
    [InlineData("text/html", 406)]
    public async Task Accept_OfMetadata_IsJson(string accept, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var response = await server.GetAsync($"studies/{Files.Study}/metadata", ("Accept", accept));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 ? "application/dicom+json" : "application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    [Trait("dicomweb", "121")]
    [Trait("dicomweb", "122")]
    [Trait("dicomweb", "123")]
    [Trait("dicomweb", "124")]
    [Trait("dicomweb", "125")]
    [Trait("dicomweb", "126")]
    [Trait("dicomweb", "127")]
    [Trait("dicomweb", "128")]
    [Trait("dicomweb", "129")]
    [Trait("dicomweb", "132")]
    [Trait("dicomweb", "139")]
    public async Task Values_FollowTheJsonModel()
    {
        await using var server = await WireServer.BorrowAsync();
        var spec = Files.Spec("1.1") with { PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう" };
        await server.StoreAsync(Files.Changed(spec, data => data
            .Set(DicomTags.ImageType, DicomVr.CS, "ORIGINAL", "", "AXIAL")
            .Set(DicomTags.OtherPatientNames, DicomVr.PN, "==x^y")
            .Set(DicomTags.PatientComments, DicomVr.LT, "  leading blanks stay, trailing do not  ")
            .Set(DicomTags.PixelSpacing, DicomVr.DS, "0.1234567890123456", "1")
            .Set(new DicomElement(DicomTags.FrameIncrementPointer, DicomVr.AT, new byte[] { 0x18, 0, 0x63, 0x10 }))
            .Set(new DicomElement(new DicomTag(0x0008_0000), DicomVr.UL, new byte[4]))
            .Set(DicomTags.AccessionNumber, DicomVr.SH, "")
            .Set(new DicomElement(DicomTags.ReferencedStudySequence, [new DicomDataSet()]))
            .Set(new DicomElement(new DicomTag(0x0009_0010), DicomVr.LO, "OURS"u8.ToArray()))
            .Set(new DicomElement(new DicomTag(0x0009_1001), DicomVr.UN, new byte[] { 1, 2, 3, 4 }))));
        var item = (await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!.AsObject();
        Assert.Equal(item.Select(pair => pair.Key).Order(StringComparer.Ordinal), item.Select(pair => pair.Key));
        Assert.All(item, pair => Assert.Matches("^[0-9A-F]{8}$", pair.Key));
        Assert.False(item.ContainsKey("00080000"));
        Assert.Equal("""["ORIGINAL",null,"AXIAL"]""", item["00080008"]!["Value"]!.ToJsonString());
        Assert.Equal("""{"vr":"SH"}""", item["00080050"]!.ToJsonString());
        Assert.Equal("""{"vr":"SQ","Value":[{}]}""", item["00081110"]!.ToJsonString());
        var name = item["00100010"]!["Value"]![0]!.AsObject();
        Assert.Equal(["Yamada^Tarou", "山田^太郎", "やまだ^たろう"], [(string)name["Alphabetic"]!, (string)name["Ideographic"]!, (string)name["Phonetic"]!]);
        Assert.Equal("""{"Phonetic":"x^y"}""", item["00101001"]!["Value"]![0]!.ToJsonString());
        Assert.Equal("  leading blanks stay, trailing do not", item.Text("00104000"));
        Assert.Equal("""[0.1234567890123456,1]""", item["00280030"]!["Value"]!.ToJsonString().Replace("\"", "", StringComparison.Ordinal));
        Assert.Equal("00181063", item.Text("00280009"));
        Assert.Equal("""{"vr":"UN","InlineBinary":"AQIDBA=="}""", item["00091001"]!.ToJsonString());
        Assert.Equal("""{"vr":"US","Value":[8]}""", item["00280010"]!.ToJsonString());
        Assert.Equal("ISO_IR 192", item.Text("00080005"));
        Assert.Equal(["vr", "BulkDataURI"], item["7FE00010"]!.AsObject().Select(pair => pair.Key));
    }

    [Fact]
    [Trait("dicomweb", "130")]
    public async Task InlineLimit_DecidesWhatIsBulk()
    {
        await using var server = await WireServer.StartAsync("--Vna:Metadata:InlineLimit", "64");
        await server.StoreAsync(Files.Changed("1.1", data => data
            .Set(new DicomElement(new DicomTag(0x0009_0010), DicomVr.LO, "OURS"u8.ToArray()))
            .Set(new DicomElement(new DicomTag(0x0009_1001), DicomVr.OB, new byte[64]))
            .Set(new DicomElement(new DicomTag(0x0009_1002), DicomVr.OB, new byte[66]))
            .Set(DicomTags.TextValue, DicomVr.UT, new string('x', 2000))));
        var item = (await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!;
        Assert.NotNull(item["00091001"]!["InlineBinary"]);
        Assert.NotNull(item["00091002"]!["BulkDataURI"]);
        var text = await server.BytesAsync((string)item["0040A160"]!["BulkDataURI"]!, ("Accept", "application/octet-stream"));
        Assert.Equal(new string('x', 2000), Encoding.UTF8.GetString(text));
    }

    [Fact]
    [Trait("attacks", "23")]
    [Trait("attacks", "70")]
    public async Task Names_ThatAttack_StayText()
    {
        await using var server = await WireServer.StartAsync();
        var spec = Files.Spec("1.1") with { PatientName = "<img onerror^alert(1)>\u202E\"\\\u0001", StudyDescription = "<script>alert(1)</script>" };
        using var stored = await server.StowAsync(Instances.File(spec));
        Assert.True(stored.IsSuccessStatusCode);
        using var response = await server.GetAsync(Files.InstanceUrl("1.1") + "/metadata");
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        var item = JsonNode.Parse(await response.Content.ReadAsStringAsync())![0]!;
        Assert.StartsWith("<img onerror^alert(1)>", (string)item["00100010"]!["Value"]![0]!["Alphabetic"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("onerror", string.Join('\n', server.Server.Log.Lines), StringComparison.Ordinal);
    }
}

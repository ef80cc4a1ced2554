using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Wado.Rendered;

/// <summary>Pictures, thumbnails, documents and videos over HTTP.</summary>
public sealed class RenderedTests
{
    private static readonly string Rendered = $"{Files.InstanceUrl("1.1")}/rendered";

    [Fact]
    [Trait("dicomweb", "161")]
    public async Task Picture_ComesInTheTypeAskedFor()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        await using var server = await ServerAsync(frames: 2);
        foreach (var (query, accept, type) in new[]
        {
            ("", "*/*", "image/jpeg"), ("", "image/png", "image/png"), ("", "image/gif", "image/gif"), ("", "image/*;q=0.5, image/png", "image/png"),
            ("?accept=image/png", "text/html", "image/png"), ("?quality=1", "image/jpeg", "image/jpeg"),
        })
        {
            await RequirePictureAsync(server, query, accept, type);
        }
    }

    private static async Task RequirePictureAsync(WireServer server, string query, string accept, string type)
    {
        using var response = await server.GetAsync(Rendered + query, ("Accept", accept));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        var file = await response.Content.ReadAsByteArrayAsync();
        byte[] signature = type switch { "image/jpeg" => [0xFF, 0xD8], "image/png" => [0x89, (byte)'P', (byte)'N', (byte)'G'], _ => [.. "GIF89a"u8] };
        Assert.Equal(signature, file[..signature.Length]);
    }

    [Fact]
    [Trait("dicomweb", "162")]
    [Trait("dicomweb", "163")]
    [Trait("dicomweb", "21")]
    public async Task Parameter_ThatIsWrong_Is400WithTheReason()
    {
        await using var server = await ServerAsync();
        foreach (var query in new[]
        {
            "quality=0", "quality=101", "quality=x", "window=1", "window=a,b,linear", "window=100,0,linear", "window=100,10,curved", "viewport=0,10", "viewport=10,0", "viewport=10", "viewport=10,10,-1,0,4,4", "viewport=99999999,10", "annotation=a%20b", "annotation=patient,,technique", $"annotation={new string('a', 33)}", "iccprofile=cmyk", "quality=50&quality=60",
        })
        {
            using var response = await server.GetAsync($"{Rendered}?{query}", ("Accept", "image/png"));
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, query);
            Assert.Contains(query.Split('=')[0], await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("dicomweb", "162")]
    public async Task Annotation_ThatIsNotKnown_IsIgnoredAndSaidSo()
    {
        await using var server = await ServerAsync();
        using var response = await server.GetAsync($"{Rendered}?annotation=patient,institution&iccprofile=srgb", ("Accept", "image/png"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("annotation values are not supported: institution", response.Headers.GetValues("Warning").Single(), StringComparison.Ordinal);
        using var plain = await server.GetAsync($"{Rendered}?annotation=patient,technique&iccprofile=no", ("Accept", "image/png"));
        Assert.False(plain.Headers.Contains("Warning"));
    }

    [Fact]
    [Trait("dicomweb", "162")]
    public async Task Annotation_IsInThePictureThatAsksForIt_AndInNoThumbnail()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Instances.File(Files.Spec("1.1") with { Rows = 128, Columns = 128 }));
        var wado = $"wado?requestType=WADO&studyUID={Files.Study}&seriesUID={Files.Series}&objectUID=1.1&contentType=image/png";
        var pictures = new HashSet<string>();
        foreach (var annotation in new[] { "", "patient", "technique", "patient,technique" })
        {
            var picture = await server.BytesAsync($"{Rendered}?annotation={annotation}", ("Accept", "image/png"));
            Assert.True(pictures.Add(Convert.ToHexString(picture)), annotation);
            Assert.Equal(picture, await server.BytesAsync($"{wado}&annotation={annotation}"));
        }
        using var thumbnail = await server.GetAsync($"{Files.InstanceUrl("1.1")}/thumbnail?annotation=patient", ("Accept", "image/png"));
        Assert.Equal(await server.BytesAsync($"{Files.InstanceUrl("1.1")}/thumbnail", ("Accept", "image/png")), await thumbnail.Content.ReadAsByteArrayAsync());
        Assert.Contains("not annotated", thumbnail.Headers.GetValues("Warning").Single(), StringComparison.Ordinal);
    }

    // Longer than what the reader of headers keeps, so that it is fetched.
    [Theory]
    [InlineData(8)]
    [InlineData(2048)]
    public async Task Overlay_IsInThePicture_AndInNoThumbnail(int extent)
    {
        await using var server = await WireServer.BorrowAsync();
        var spec = Files.Spec("1.1") with { Rows = (ushort)extent, Columns = (ushort)extent };
        await server.StoreAsync(Instances.File(spec), Files.Changed(spec with { Sop = "1.2", Seed = 0 }, data => data
            .Set(new DicomTag(0x6000_0010), (ushort)extent).Set(new DicomTag(0x6000_0011), (ushort)extent).Set(new DicomTag(0x6000_0040), DicomVr.CS, "G")
            .Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, new byte[extent * extent * 2]))
            .Set(new DicomElement(new DicomTag(0x6000_3000), DicomVr.OW, Enumerable.Repeat((byte)0xFF, extent * extent / 8).ToArray()))));
        var url = Files.InstanceUrl("1.2");
        Assert.All(Grey(await server.BytesAsync($"{url}/rendered?viewport=8,8", ("Accept", "image/png"))), static sample => Assert.Equal(255, sample));
        Assert.All(Grey(await server.BytesAsync($"{url}/thumbnail?viewport=8,8", ("Accept", "image/png"))), static sample => Assert.Equal(0, sample));
    }

    [Fact]
    public async Task PresentationState_Is406WithWhatToDo()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Changed(Files.Spec("1.1") with { SopClass = "1.2.840.10008.5.1.4.1.1.11.1" }, data => data.Remove(DicomTags.PixelData)));
        using var response = await server.GetAsync(Rendered, ("Accept", "image/png"));
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
        Assert.Contains("ask for the images", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profile_OfTables_IsKeptAndSaidSo()
    {
        await using var server = await WireServer.BorrowAsync();
        var profile = new byte[200];
        "RGB Lab "u8.CopyTo(profile.AsSpan(16));
        await server.StoreAsync(Files.Changed("1.1", data => data.Set(DicomTags.SamplesPerPixel, 3).Set(DicomTags.PlanarConfiguration, (ushort)0).Set(DicomTags.PhotometricInterpretation, DicomVr.CS, "RGB")
            .Set(DicomTags.BitsAllocated, 8).Set(DicomTags.BitsStored, 8).Set(DicomTags.HighBit, 7).Set(new DicomElement(DicomTags.PixelData, DicomVr.OB, new byte[8 * 8 * 3]))
            .Set(new DicomElement(DicomTags.ICCProfile, DicomVr.OB, profile))));
        using var turned = await server.GetAsync($"{Rendered}?iccprofile=srgb", ("Accept", "image/png"));
        Assert.Contains("made of tables", turned.Headers.GetValues("Warning").Single(), StringComparison.Ordinal);
        using var kept = await server.GetAsync($"{Rendered}?iccprofile=yes", ("Accept", "image/png"));
        Assert.False(kept.Headers.Contains("Warning"));
    }

    [Fact]
    [Trait("dicomweb", "163")]
    public async Task Viewport_SetsTheSizeAndKeepsTheAspect()
    {
        await using var server = await ServerAsync();
        var whole = await server.BytesAsync(Rendered, ("Accept", "image/png"));
        Assert.Equal((8, 8), SizeOf(whole));
        Assert.Equal((16, 16), SizeOf(await server.BytesAsync($"{Rendered}?viewport=16,32", ("Accept", "image/png"))));
        Assert.Equal((8, 4), SizeOf(await server.BytesAsync($"{Rendered}?viewport=8,8,0,0,8,4", ("Accept", "image/png"))));
    }

    [Fact]
    [Trait("dicomweb", "164")]
    public async Task Window_ChangesThePicture()
    {
        await using var server = await ServerAsync();
        var first = await server.BytesAsync($"{Rendered}?window=100,50,linear", ("Accept", "image/png"));
        Assert.NotEqual(first, await server.BytesAsync($"{Rendered}?window=1000,50,linear", ("Accept", "image/png")));
    }

    [Fact]
    public async Task Study_AloneGivesOneAndInMultipartAll()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"), Files.Ct("1.3"));
        using var one = await server.GetAsync($"studies/{Files.Study}/rendered", ("Accept", "image/png"));
        Assert.Equal("image/png", one.Content.Headers.ContentType!.MediaType);
        using var all = await server.GetAsync($"studies/{Files.Study}/rendered", ("Accept", "multipart/related; type=\"image/png\""));
        var parts = (await AnswerParts.ReadAsync(all)).Parts;
        Assert.Equal(3, parts.Count);
        Assert.All(parts, part => Assert.Equal((8, 8), SizeOf(part.Body)));
        Assert.Equal(await one.Content.ReadAsByteArrayAsync(), parts[1].Body);
        Assert.EndsWith($"{Files.InstanceUrl("1.2")}/frames/1/rendered", parts[1].Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_AreNumberedFromOneAndMissingOnesAre404()
    {
        await using var server = await ServerAsync(frames: 3);
        var url = Files.InstanceUrl("1.1");
        Assert.Equal(await server.BytesAsync(Rendered, ("Accept", "image/png")), await server.BytesAsync($"{url}/frames/1/rendered", ("Accept", "image/png")));
        Assert.NotEqual(await server.BytesAsync(Rendered, ("Accept", "image/png")), await server.BytesAsync($"{url}/frames/2/rendered", ("Accept", "image/png")));
        foreach (var (frame, status) in new[] { ("4", 404), ("0", 400), ("x", 400) })
        {
            using var response = await server.GetAsync($"{url}/frames/{frame}/rendered", ("Accept", "image/png"));
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    [Trait("dicomweb", "159")]
    public async Task Picture_KnownToTheClient_IsNotMadeAgain()
    {
        await using var server = await ServerAsync();
        using var first = await server.GetAsync(Rendered, ("Accept", "image/png"));
        using var again = await server.GetAsync(Rendered, ("Accept", "image/png"), ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var other = await server.GetAsync($"{Rendered}?window=10,10,linear", ("Accept", "image/png"), ("If-None-Match", first.Headers.ETag.ToString()));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "169")]
    public async Task InstanceWithoutPixels_Is406()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Changed("1.1", data => data.Remove(DicomTags.PixelData)));
        using var response = await server.GetAsync(Rendered, ("Accept", "image/png"));
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "161")]
    [Trait("attacks", "70")]
    public async Task Document_IsShownInlineAndItsBulkDataIsSaved()
    {
        await using var server = await WireServer.BorrowAsync();
        var pdf = Encoding.ASCII.GetBytes("%PDF-1.4 something");
        var spec = Files.Spec("1.1") with { SopClass = "1.2.840.10008.5.1.4.1.1.104.1" };
        var data = Instances.DataSet(spec);
        data.Remove(DicomTags.PixelData);
        await server.StoreAsync(Instances.File(spec, data.Set(DicomTags.MIMETypeOfEncapsulatedDocument, DicomVr.LO, "application/pdf").Set(new DicomElement(DicomTags.EncapsulatedDocument, DicomVr.OB, pdf))));
        using var shown = await server.GetAsync(Rendered, ("Accept", "*/*"));
        Assert.Equal("application/pdf", shown.Content.Headers.ContentType!.MediaType);
        Assert.Null(shown.Content.Headers.ContentDisposition);
        Assert.Equal(pdf, await shown.Content.ReadAsByteArrayAsync());
        using var saved = await server.GetAsync($"{Files.InstanceUrl("1.1")}/bulkdata/00420011", ("Accept", "application/pdf"));
        Assert.Equal("attachment", saved.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    [Trait("dicomweb", "145")]
    public async Task Video_IsGivenInRanges()
    {
        await using var server = await WireServer.BorrowAsync();
        var video = Files.Pattern(1_000, 1);
        await server.StoreAsync(Files.Encapsulated(Files.Spec("1.1"), "1.2.840.10008.1.2.4.102", [], [video]));
        using var response = await server.GetAsync(Rendered, ("Accept", "video/mp4"), ("Range", "bytes=10-19"));
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(video[10..20], await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    [Trait("attacks", "70")]
    public async Task Report_IsAPageThatMayDoNothing()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        await using var server = await WireServer.BorrowAsync();
        var file = TestCorpus.Storable.First(file => file["modality"] == "SR");
        using var stored = await server.StowAsync(file.ReadBytes());
        using var response = await server.GetAsync($"studies/{file["study_uid"]}/series/{file["series_uid"]}/instances/{file["sop_instance_uid"]}/rendered", ("Accept", "text/html"));
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("sandbox", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("<html", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("dicomweb", "119")]
    public async Task WadoUri_GivesPictures()
    {
        await using var server = await ServerAsync(frames: 2);
        foreach (var (query, status, size) in new[]
        {
            ("", 200, 8), ("&rows=4&columns=4", 200, 4), ("&rows=4", 200, 4), ("&frameNumber=2", 200, 8), ("&windowCenter=40&windowWidth=400&imageQuality=50", 200, 8), ("&region=0,0,0.5,0.5", 200, 4), ("&frameNumber=9", 404, 0), ("&windowCenter=40", 400, 0), ("&region=1,1,0,0", 400, 0), ("&rows=0", 400, 0), ("&presentationUID=1.2.3", 400, 0), ("&presentationSeriesUID=1.2.3", 400, 0), ("&annotation=%3Cb%3E", 400, 0),
        })
        {
            using var response = await server.GetAsync($"wado?requestType=WADO&studyUID={Files.Study}&seriesUID=1.2.826.77.1.1&objectUID=1.1&contentType=image/png{query}");
            Assert.True(status == (int)response.StatusCode, $"{query}: {await response.Content.ReadAsStringAsync()}");
            if (size > 0)
            {
                Assert.Equal((size, size), SizeOf(await response.Content.ReadAsByteArrayAsync()));
            }
        }
    }

    // Grey of eight by eight: PNG rows without their filters, which are None or differences that nothing changes in one colour.
    private static byte[] Grey(byte[] png)
    {
        var data = png.AsSpan().IndexOf("IDAT"u8);
        using var zlib = new ZLibStream(new MemoryStream(png[(data + 4)..]), CompressionMode.Decompress);
        var rows = new byte[8 * 9];
        zlib.ReadExactly(rows);
        var samples = new byte[64];
        for (var i = 0; i < samples.Length; i++)
        {
            var (y, x) = Math.DivRem(i, 8);
            var (left, up) = (x > 0 ? samples[i - 1] : (byte)0, y > 0 ? samples[i - 8] : (byte)0);
            var predicted = rows[9 * y] switch { 0 => 0, 1 => left, 2 => up, 4 => x > 0 && y > 0 ? left : left + up, var filter => throw new InvalidDataException($"filter {filter}") };
            samples[i] = (byte)(rows[(9 * y) + 1 + x] + predicted);
        }
        return samples;
    }

    private static async Task<WireServer> ServerAsync(int frames = 1)
    {
        var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Instances.File(Files.Spec("1.1") with { Frames = frames }));
        return server;
    }

    private static (int Width, int Height) SizeOf(byte[] png) => (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
}

using System.Net;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wado;

public sealed class WadoInstancesTests
{
    private const string Parts = "multipart/related; type=\"application/dicom\"";
    private const string AllAsStored = Parts + "; transfer-syntax=*";
    private const string OneAsStored = "application/dicom; transfer-syntax=*";
    private const string Ele = "1.2.840.10008.1.2.1";
    private const string JpegLossless = "1.2.840.10008.1.2.4.70";

    // JPEG 2000 of several components (Part 2), which nothing decodes here.
    private const string Volumetric = "1.2.840.10008.1.2.4.92";
    private const string JpegBaseline = "1.2.840.10008.1.2.4.50";

    [Fact]
    [Trait("dicomweb", "107")]
    [Trait("dicomweb", "110")]
    [Trait("dicomweb", "111")]
    public async Task Instances_OfStudySeriesAndInstance_ComeInOrderWithTheirTypes()
    {
        await using var server = await WireServer.BorrowAsync();
        var files = new[] { (2, 1), (1, 10), (1, 2), (1, 1), (10, 1) }
            .Select(place => Instances.File(new InstanceSpec(Files.Study, $"1.2.{place.Item1}", $"1.{place.Item1}.{place.Item2}") { SeriesNumber = place.Item1, InstanceNumber = place.Item2 })).ToArray();
        await server.StoreAsync(files);
        foreach (var (path, order) in new[] { ($"studies/{Files.Study}", new[] { 3, 2, 1, 0, 4 }), ($"studies/{Files.Study}/series/1.2.1", [3, 2, 1]), (Files.InstanceUrl("1.10.1", "1.2.10"), [4]) })
        {
            using var response = await server.GetAsync(path, ("Accept", AllAsStored));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var answer = await AnswerParts.ReadAsync(response);
            Assert.Equal("application/dicom", answer.RelatedType);
            Assert.Equal(order.Select(i => files[i]), answer.Parts.Select(part => part.Body));
            Assert.All(answer.Parts, part => Assert.Equal($"application/dicom; transfer-syntax={Ele}", part.ContentType));
            // Where it says that it is, it is.
            Assert.Equal(answer.Parts[0].Body, await server.BytesAsync(answer.Parts[0].Location!, ("Accept", OneAsStored)));
        }
    }

    [Theory]
    [Trait("dicomweb", "1")]
    [Trait("dicomweb", "2")]
    [Trait("dicomweb", "3")]
    [Trait("dicomweb", "4")]
    [Trait("dicomweb", "6")]
    [Trait("dicomweb", "7")]
    [Trait("dicomweb", "8")]
    [Trait("dicomweb", "109")]
    [InlineData(null, "", "multipart/related")]
    [InlineData("*/*", "", "multipart/related")]
    [InlineData("multipart/related; type=application/dicom", "", "multipart/related")]
    [InlineData("multipart/related;type = \"application/dicom\"", "", "multipart/related")]
    [InlineData("multipart/related; type='application/dicom'", "", "multipart/related")]
    [InlineData("multipart/related; type=\"  application/dicom\"", "", null)]
    [InlineData("multipart/related; type=\"application/octet-stream\"", "", null)]
    [InlineData("application/dicom", "", "application/dicom")]
    [InlineData("image/png, application/dicom;q=0.5", "", "application/dicom")]
    [InlineData("application/dicom;q=0.4, multipart/related; type=\"application/dicom\"; q=0.5", "", "multipart/related")]
    [InlineData("application/dicom;q=0, */*", "", "multipart/related")]
    [InlineData("application/dicom;q=0", "", null)]
    [InlineData("image/png", "", null)]
    [InlineData("application/zip", "", null)]
    [InlineData("image/png", "?accept=application/dicom", "application/dicom")]
    [InlineData("application/dicom", "?accept=multipart/related;type=application/dicom", "multipart/related")]
    public async Task Accept_OfAnInstance_IsNegotiated(string? accept, string query, string? type)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var response = await server.GetAsync(Files.InstanceUrl("1.1") + query, accept is null ? [] : [("Accept", accept)]);
        Assert.Equal(type is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type ?? "application/problem+json", response.Content.Headers.ContentType!.MediaType);
        if (type is null)
        {
            Assert.Contains("Supported", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [Trait("dicomweb", "9")]
    [Trait("dicomweb", "10")]
    [Trait("dicomweb", "11")]
    [Trait("dicomweb", "12")]
    [Trait("dicomweb", "115")]
    [InlineData("1.2.840.10008.1.2", "application/dicom", Ele)]
    [InlineData("1.2.840.10008.1.2", "application/dicom; transfer-syntax=*", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.2", "application/dicom", Ele)]
    [InlineData("1.2.840.10008.1.2.2", "application/dicom; transfer-syntax=1.2.840.10008.1.2.1", Ele)]
    [InlineData("1.2.840.10008.1.2.2", "application/dicom; transfer-syntax=1.2.840.10008.1.2", null)]
    [InlineData("1.2.840.10008.1.2.1.99", "application/dicom", Ele)]
    [InlineData("1.2.840.10008.1.2.1.99", "application/dicom; transfer-syntax=1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.1.99")]
    [InlineData(Ele, "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.81", null)]
    [InlineData(Ele, "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.81, application/dicom; transfer-syntax=*; q=0.5", Ele)]
    [InlineData(Ele, "application/dicom; transfer-syntax=1.2.840.10008.1.2.5, application/dicom; transfer-syntax=*; q=0.5", "1.2.840.10008.1.2.5")]
    [InlineData(JpegLossless, "application/dicom", null)]
    [InlineData(JpegLossless, "*/*", JpegLossless)]
    [InlineData(JpegLossless, OneAsStored, JpegLossless)]
    [InlineData(JpegLossless, "application/dicom; transfer-syntax=" + JpegLossless, JpegLossless)]
    [InlineData(JpegLossless, "application/dicom; transfer-syntax=" + Ele, null)]
    [InlineData(JpegBaseline, "application/dicom", JpegBaseline)]
    [InlineData("1.2.826.0.1.3680043.9.1", "application/dicom", "1.2.826.0.1.3680043.9.1")]
    public async Task TransferSyntax_IsTheOneAskedForOrNone(string stored, string accept, string? given)
    {
        await using var server = await WireServer.BorrowAsync();
        var spec = Files.Spec("1.1");
        var syntax = TransferSyntax.Get(stored);
        await server.StoreAsync(syntax.IsEncapsulated || !syntax.IsKnown ? Files.Encapsulated(spec, stored, [], [Files.Pattern(100, 1)]) : Instances.File(spec with { Syntax = syntax }));
        using var response = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", accept));
        Assert.Equal(given is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, response.StatusCode);
        if (given is null)
        {
            return;
        }
        var body = await response.Content.ReadAsByteArrayAsync();
        var reader = await DicomReader.ReadAsync(new MemorySource(accept == "*/*" ? (await AnswerParts.ReadAsync(response)).Parts[0].Body : body));
        Assert.Equal(given, reader.TransferSyntax.Uid);
        Assert.Equal("Doe^Jane", reader.DataSet.String(DicomTags.PatientName));
    }

    [Theory]
    [Trait("dicomweb", "10")]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.2")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    public async Task ExplicitLittleEndian_OutOfAnotherEncoding_IsTheSameDataSet(string stored)
    {
        await using var server = await WireServer.BorrowAsync();
        var spec = Files.Spec("1.1") with { Rows = 300, Columns = 300 };
        await server.StoreAsync(Instances.File(spec with { Syntax = TransferSyntax.Get(stored) }));
        var converted = await server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", "application/dicom"));
        Assert.Equal(Instances.File(spec), converted);
        // Ranges of it too, and from the middle of a swapped word.
        using var range = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", "application/dicom"), ("Range", "bytes=1001-170000"));
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(converted[1001..170_001], await range.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    [Trait("dicomweb", "108")]
    [Trait("dicomweb", "114")]
    public async Task Study_OfMixedSyntaxes_GivesWhatItCanAndSaysSo()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Encapsulated(Files.Spec("1.2"), Volumetric, [], [Files.Pattern(100, 1)]));
        var path = $"studies/{Files.Study}";
        using var some = await server.GetAsync(path, ("Accept", Parts));
        Assert.Equal(HttpStatusCode.PartialContent, some.StatusCode);
        Assert.Single((await AnswerParts.ReadAsync(some)).Parts);
        using var all = await server.GetAsync(path, ("Accept", AllAsStored));
        Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        Assert.Equal(2, (await AnswerParts.ReadAsync(all)).Parts.Count);
        using var none = await server.GetAsync(path, ("Accept", $"{Parts}; transfer-syntax=1.2.840.10008.1.2.4.81"));
        Assert.Equal(HttpStatusCode.NotAcceptable, none.StatusCode);
        Assert.Contains(Volumetric, await none.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var single = await server.GetAsync(path, ("Accept", "application/dicom"));
        Assert.Equal(HttpStatusCode.NotAcceptable, single.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "15")]
    [Trait("dicomweb", "27")]
    [Trait("dicomweb", "116")]
    public async Task Multipart_AskedForAgain_IsTheSameBytesWithTheSameBoundary()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        var path = $"studies/{Files.Study}";
        using var first = await server.GetAsync(path, ("Accept", AllAsStored), ("Accept-Encoding", "gzip, br"));
        using var second = await server.GetAsync(path, ("Accept", AllAsStored));
        var body = await first.Content.ReadAsByteArrayAsync();
        Assert.Equal(body, await second.Content.ReadAsByteArrayAsync());
        Assert.Equal(body.Length, first.Content.Headers.ContentLength);
        Assert.Empty(first.Content.Headers.ContentEncoding);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.False(first.Headers.ETag!.IsWeak);
        // Another representation has another tag and another boundary.
        using var instance = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", AllAsStored));
        Assert.NotEqual(first.Headers.ETag, instance.Headers.ETag);
        Assert.NotEqual(AnswerParts.Read(first.Content.Headers.ContentType!, body).Boundary, (await AnswerParts.ReadAsync(instance)).Boundary);
    }

    [Theory]
    [Trait("dicomweb", "17")]
    [Trait("attacks", "28")]
    [Trait("attacks", "29")]
    [Trait("attacks", "46")]
    [InlineData("studies/1.2.3", 404)]
    [InlineData("studies/abc", 400)]
    [InlineData("studies/1..2", 400)]
    [InlineData("studies/1.2.", 400)]
    [InlineData("studies/%2e%2e%2fetc", 400)]
    [InlineData("studies/%252e%252e", 400)]
    [InlineData("studies/1.2.3%00", 400)]
    [InlineData("studies/1.2;a=b", 400)]
    [InlineData("studies/%D9%A1.%D9%A2", 400)]
    [InlineData("studies/12345678901234567890123456789012345678901234567890123456789012345", 400)]
    [InlineData("studies/1.2.3/series/x", 400)]
    [InlineData("studies/1.2.3/series/1.2/instances/x", 400)]
    [InlineData("studies//series/1.2/instances/1.3", 404)]
    [InlineData("studies/1.2.3/nothing", 404)]
    [InlineData("%73tudies/1.2.3", 404)]
    [InlineData("/dicom-web./studies/1.2.3", 404)]
    public async Task Url_ThatNamesNothing_IsRefused(string path, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        foreach (var suffix in new[] { "", "/metadata" })
        {
            using var response = await server.GetAsync(path + suffix);
            Assert.Equal(status, (int)response.StatusCode);
            // Kestrel itself refuses a NUL, without a body; nginx with a page of its own.
            Assert.Equal(path.EndsWith("%00", StringComparison.Ordinal) ? (Stack.IsBalanced ? "text/html" : null) : "application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Theory]
    [Trait("attacks", "42")]
    [InlineData("q", 400)]
    [InlineData("many", 400)]
    [InlineData("long", 400)]
    public async Task Accept_ThatAttacks_IsRefusedQuickly(string kind, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        var accept = kind switch { "q" => "*/*;q=NaN", "many" => string.Join(',', Enumerable.Repeat("a/b", 4000)), _ => new string('a', 20_000) + "/b" };
        foreach (var suffix in new[] { "", "/metadata", "/frames/1", "/bulkdata/7FE00010" })
        {
            using var response = await server.GetAsync(Files.InstanceUrl("1.1") + suffix, ("Accept", accept));
            Assert.Equal(status, (int)response.StatusCode);
        }
        using var huge = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", new string('a', 100_000)));
        // nginx refuses it before a server sees it, in its own way.
        Assert.Equal(Stack.IsBalanced ? HttpStatusCode.BadRequest : HttpStatusCode.RequestHeaderFieldsTooLarge, huge.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "33")]
    public async Task Pack_ThatIsShort_AbortsTheAnswer()
    {
        await using var server = await WireServer.StartAsync();
        var large = Files.Native(Files.Spec("1.1") with { Rows = 2048, Columns = 2048 }, DicomTags.PixelData, DicomVr.OW, 16, Files.Pattern(8 << 20, 1));
        await server.StoreAsync(large);
        await server.CutPackAsync(4 << 20);
        await Assert.ThrowsAsync<HttpRequestException>(() => server.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", OneAsStored)));
        await Assert.ThrowsAsync<HttpRequestException>(() => server.BytesAsync($"studies/{Files.Study}", ("Accept", "application/zip")));
        using var metadata = await server.GetAsync($"studies/{Files.Study}/metadata");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, metadata.StatusCode);
        using var alive = await server.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "30")]
    public async Task Client_ThatLeaves_IsLoggedAsGone()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Native(Files.Spec("1.1") with { Rows = 8192, Columns = 8192 }, DicomTags.PixelData, DicomVr.OW, 16, new byte[128 << 20]));
        using (var request = new HttpRequestMessage(HttpMethod.Get, $"/dicom-web/{Files.InstanceUrl("1.1")}"))
        {
            request.Headers.TryAddWithoutValidation("Accept", OneAsStored);
            using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        Assert.Contains("499", await server.Server.Log.WaitAsync(" 499 "), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Server.Log.Lines, line => line.StartsWith("1001 ", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("dicomweb", "29")]
    [Trait("dicomweb", "131")]
    public async Task Urls_InAnswers_BeginWithThePublicBase()
    {
        await using var server = await WireServer.StartAsync("--Vna:PublicBaseUrl", "https://pacs.example/vna/");
        await server.StoreAsync(Files.Ct("1.1"));
        using var response = await server.GetAsync(Files.InstanceUrl("1.1"));
        Assert.Equal($"https://pacs.example/vna/dicom-web/{Files.InstanceUrl("1.1")}", (await AnswerParts.ReadAsync(response)).Parts[0].Location);
        Assert.Equal($"https://pacs.example/vna/dicom-web/{Files.InstanceUrl("1.1")}/bulkdata/7FE00010", (string?)(await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!["7FE00010"]!["BulkDataURI"]);
    }
}

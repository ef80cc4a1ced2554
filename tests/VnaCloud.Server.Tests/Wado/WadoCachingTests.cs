using System.Net;
using System.Net.Http.Headers;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Wado;

/// <summary>HEAD, entity tags and ranges of every stored answer.</summary>
public sealed class WadoCachingTests
{
    private const string AllAsStored = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    private const string OneAsStored = "application/dicom; transfer-syntax=*";

    [Theory]
    [Trait("dicomweb", "116")]
    [Trait("dicomweb", "135")]
    [InlineData($"studies/{Files.Study}", AllAsStored)]
    [InlineData($"studies/{Files.Study}", "application/zip")]
    [InlineData($"studies/{Files.Study}/metadata", "application/dicom+json")]
    [InlineData($"studies/{Files.Study}/series/{Files.Series}/metadata", "application/dicom+json")]
    public async Task ETag_HoldsUntilTheStudyChanges(string path, string accept)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var first = await server.GetAsync(path, ("Accept", accept));
        var tag = first.Headers.ETag!.ToString();
        Assert.True(first.Headers.CacheControl is { Private: true, NoCache: true });
        foreach (var known in new[] { tag, $"\"other\", {tag}", $"W/{tag}", "*" })
        {
            using var same = await server.GetAsync(path, ("Accept", accept), ("If-None-Match", known));
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Equal(tag, same.Headers.ETag!.ToString());
            Assert.Empty(await same.Content.ReadAsByteArrayAsync());
        }
        await server.StoreAsync(Files.Ct("1.1"));
        using var again = await server.GetAsync(path, ("Accept", accept), ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        await server.StoreAsync(Files.Ct("1.2"));
        using var added = await server.GetAsync(path, ("Accept", accept), ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        Assert.NotEqual(tag, added.Headers.ETag!.ToString());
        using var deleted = await server.SendAsync("DELETE", Files.InstanceUrl("1.2"));
        using var back = await server.GetAsync(path, ("Accept", accept), ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, back.StatusCode);
    }

    [Theory]
    [Trait("dicomweb", "26")]
    [InlineData($"studies/{Files.Study}", AllAsStored)]
    [InlineData($"studies/{Files.Study}", "application/zip")]
    [InlineData($"studies/{Files.Study}/metadata", "application/dicom+json")]
    [InlineData($"studies/{Files.Study}/series/{Files.Series}/instances/1.1", OneAsStored)]
    [InlineData($"studies/{Files.Study}/series/{Files.Series}/instances/1.1/frames/1", "application/octet-stream")]
    [InlineData($"studies/{Files.Study}/series/{Files.Series}/instances/1.1/bulkdata/7FE00010", "application/octet-stream")]
    [InlineData($"studies/{Files.Study}/series/{Files.Series}/instances/1.1/pixeldata", "*/*")]
    [InlineData($"studies/{Files.Study}/series/{Files.Series}/instances/1.1/rendered", "*/*")]
    public async Task Head_HasTheHeadersOfGetAndNoBody(string path, string accept)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        foreach (var encoding in new[] { "identity", "gzip", "br" })
        {
            using var get = await server.GetAsync(path, ("Accept", accept), ("Accept-Encoding", encoding));
            using var head = await server.SendAsync("HEAD", path, ("Accept", accept), ("Accept-Encoding", encoding));
            Assert.Equal(get.StatusCode, head.StatusCode);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            if (get.IsSuccessStatusCode)
            {
                Assert.Equal((await get.Content.ReadAsByteArrayAsync()).Length, get.Content.Headers.ContentLength);
                Assert.Equal(Headers(get), Headers(head));
            }
        }
    }

    [Theory]
    [Trait("dicomweb", "117")]
    [Trait("dicomweb", "142")]
    [Trait("attacks", "43")]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=100-199", 206, 100, 100)]
    [InlineData("bytes=-10", 206, -10, 10)]
    [InlineData("bytes=5-", 206, 5, -5)]
    [InlineData("bytes=0-9223372036854775808", 206, 0, 0)]
    [InlineData("bytes=9223372036854775807-", 416, 0, 0)]
    [InlineData("bytes=-0", 416, 0, 0)]
    [InlineData("bytes=0-1,5-6", 416, 0, 0)]
    [InlineData("bytes=5-1", 200, 0, 0)]
    [InlineData("lines=1-2", 200, 0, 0)]
    [InlineData("bytes=x", 200, 0, 0)]
    public async Task Range_OfEveryStoredAnswer_IsThatPartOfIt(string range, int status, int from, int length)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        var instance = Files.InstanceUrl("1.1");
        foreach (var (path, accept) in new[] { (instance, OneAsStored), (instance, AllAsStored), ($"studies/{Files.Study}", AllAsStored), ($"{instance}/frames/1", "*/*"), ($"{instance}/bulkdata/7FE00010", "application/octet-stream") })
        {
            var whole = await server.BytesAsync(path, ("Accept", accept));
            var start = from < 0 ? whole.Length + from : from;
            var count = length > 0 ? length : whole.Length - start;
            using var response = await server.GetAsync(path, ("Accept", accept), ("Range", range));
            if (status == 206 && start + count > whole.Length)
            {
                continue;
            }
            Assert.Equal(status, (int)response.StatusCode);
            if (status == 416)
            {
                Assert.Equal(whole.Length, response.Content.Headers.ContentRange!.Length);
                continue;
            }
            Assert.Equal("bytes", Assert.Single(response.Headers.AcceptRanges));
            Assert.Equal(status == 206 ? new ContentRangeHeaderValue(start, start + count - 1, whole.Length) : null, response.Content.Headers.ContentRange);
            Assert.Equal(status == 206 ? whole[start..(start + count)] : whole, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    [Trait("dicomweb", "117")]
    public async Task IfRange_WithAnOldTag_GivesTheWhole()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var whole = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", OneAsStored));
        using var held = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", OneAsStored), ("Range", "bytes=0-9"), ("If-Range", whole.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.PartialContent, held.StatusCode);
        foreach (var old in new[] { "\"other\"", $"W/{whole.Headers.ETag}", "Wed, 21 Oct 2026 07:28:00 GMT" })
        {
            using var response = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", OneAsStored), ("Range", "bytes=0-9"), ("If-Range", old));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static IEnumerable<string> Headers(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Date" or "Transfer-Encoding"))
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(StringComparer.Ordinal);
}

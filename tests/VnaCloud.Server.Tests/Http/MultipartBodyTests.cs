using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Multipart;

namespace VnaCloud.Server.Tests.Http;

public sealed class MultipartBodyTests
{
    private const string Boundary = "b";

    [Fact]
    public async Task ReadPart_EveryPieceSize_GivesTheSameParts()
    {
        var body = "preamble\r\n--b \t\r\nContent-Type: application/dicom\r\nContent-Location: a/b\r\n\r\none\r\n-\r\n--\r\r\n--\n--b?\r\n--b\r\n\r\n\r\n--b\r\nX:\r\n\r\n--b--\r\nepilogue"
            .Replace("--b?", "--a");
        for (var piece = 1; piece <= body.Length; piece++)
        {
            var parts = await ReadAsync(Bytes(body), piece);
            Assert.Equal(["one\r\n-\r\n--\r\r\n--\n--a", "", ""], parts.Select(p => p.Text));
            Assert.Equal(["application/dicom", null, null], parts.Select(p => p.Part.ContentType));
            Assert.Equal("a/b", parts[0].Part.ContentLocation);
        }
    }

    [Fact]
    public async Task ReadPart_EverySplitInTwo_GivesTheSameParts()
    {
        var body = Bytes("--b\r\nContent-Type: x/y\r\n\r\nab\r\n--\r\n--b\r\n\r\ncd\r\n--b--");
        for (var split = 1; split < body.Length; split++)
        {
            var parts = await ReadAsync(body, split);
            Assert.Equal(["ab\r\n--", "cd"], parts.Select(p => p.Text));
        }
    }

    [Fact]
    public async Task ReadPart_EveryTruncation_GivesCompletePartsThenFails()
    {
        var body = Bytes("--b\r\nContent-Type: x/y\r\n\r\nab\r\n--b\r\n\r\ncd\r\n--b--");
        var firstComplete = Encoding.ASCII.GetString(body).IndexOf("ab\r\n--b", StringComparison.Ordinal) + "ab\r\n--b".Length;
        for (var length = 0; length < body.Length; length++)
        {
            var seen = new List<string>();
            var fault = await Assert.ThrowsAsync<MultipartFormatException>(() => ReadAsync(body[..length], 7, seen));
            Assert.Equal(MultipartFault.Malformed, fault.Fault);
            Assert.Equal("The body ends without closing delimiter.", fault.Message);
            Assert.Equal(length >= firstComplete, seen.Contains("ab"));
        }
    }

    [Fact]
    public async Task ReadPart_RandomBodies_RoundTrip()
    {
        // An alphabet of delimiter characters makes near-boundaries the rule.
        var alphabet = "\r\n--bX"u8.ToArray();
        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var contents = new List<byte[]>();
            using var body = new MemoryStream();
            for (var i = random.Next(4); i >= 0; i--)
            {
                var content = new byte[random.Next(60)];
                foreach (ref var b in content.AsSpan())
                {
                    b = alphabet[random.Next(alphabet.Length)];
                }
                if (content.AsSpan().IndexOf("\r\n--bXb"u8) >= 0 || content.AsSpan().StartsWith("--bXb"u8))
                {
                    continue;
                }
                contents.Add(content);
                body.Write("\r\n--bXb\r\n\r\n"u8);
                body.Write(content);
            }
            body.Write("\r\n--bXb--"u8);
            var parts = await ReadAsync(body.ToArray(), 1 + random.Next(40), boundary: "bXb");
            Assert.Equal(contents.Select(Convert.ToHexString), parts.Select(p => Convert.ToHexString(p.Bytes)));
        }
    }

    [Fact]
    public async Task Content_LargerThanTheBuffer_ArrivesWhole()
    {
        var content = new byte[5_000_000];
        new Random(1).NextBytes(content);
        byte[] body = [.. Bytes("--b\r\n\r\n"), .. content, .. Bytes("\r\n--b--")];
        var parts = await ReadAsync(body, 4096);
        Assert.True(content.AsSpan().SequenceEqual(Assert.Single(parts).Bytes));
    }

    [Fact]
    public async Task Content_UpToMaxWindow_CanBeHeldInView()
    {
        byte[] body = [.. Bytes("--b\r\n\r\n"), .. new byte[3_000_000], .. Bytes("\r\n--b--")];
        using var reader = new MultipartBody(new PieceStream(body, 4096), Boundary, MultipartLimits.Default);
        var content = (await reader.ReadPartAsync(default))!.Content;
        while (content.Window.Length < content.MaxWindow)
        {
            Assert.True(await content.FillAsync(default));
        }
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await content.FillAsync(default));
        content.Advance(1);
        Assert.True(await content.FillAsync(default));
        Assert.Equal(2_999_999, await content.SkipAsync(long.MaxValue, default));
        Assert.Equal(3_000_000, content.Position);
    }

    [Fact]
    public async Task ReadPart_WithUnreadContent_PassesOverIt()
    {
        using var reader = Reader("--b\r\n\r\nabcdef\r\n--b\r\n\r\nsecond\r\n--b--");
        var first = (await reader.ReadPartAsync(default))!;
        first.Content.Advance(2);
        var second = (await reader.ReadPartAsync(default))!;
        Assert.Equal(0, first.Content.Window.Length);
        Assert.False(await first.Content.FillAsync(default));
        Assert.Equal("second", Encoding.ASCII.GetString(second.Content.Window.Span));
        Assert.Null(await reader.ReadPartAsync(default));
        Assert.Null(await reader.ReadPartAsync(default));
        Assert.Equal(0, second.Content.Window.Length);
    }

    [Fact]
    public async Task Content_OfAStallingClient_IsHandedOut()
    {
        // The stream gives a few bytes after a pause and then nothing until it is released.
        var stalled = new StallingStream(Bytes("--b\r\n\r\n0123456789"), Bytes("\r\n--b--"));
        using var reader = new MultipartBody(stalled, Boundary, MultipartLimits.Default);
        var content = (await reader.ReadPartAsync(default))!.Content;
        Assert.True(await content.FillAsync(default).AsTask().WaitAsync(TimeSpan.FromSeconds(10)) || content.Window.Length > 0);
        Assert.StartsWith("0123", Encoding.ASCII.GetString(content.Window.Span));
    }

    [Theory]
    [InlineData("--b\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n--b--", 415)]
    [InlineData("--b\r\nContent-Encoding: gzip\r\n\r\n\r\n--b--", 415)]
    [InlineData("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n\r\n--b--", 415)]
    [InlineData("--bX\r\n\r\n\r\n--b--", 400)]
    [InlineData("--b\r\nno colon\r\n\r\n\r\n--b--", 400)]
    [InlineData("--b\r\n: no name\r\n\r\n\r\n--b--", 400)]
    [InlineData("--b\r\nA: 1\r\na: 2\r\n\r\n\r\n--b--", 400)]
    [InlineData("--b\r\nA: 1\r\n folded\r\n\r\n\r\n--b--", 400)]
    [InlineData("--b\r\nA: 1\n2\r\n\r\n\r\n--b--", 400)]
    [InlineData("", 400)]
    [InlineData("no delimiter at all", 400)]
    [InlineData("--c--", 400)]
    public async Task ReadPart_UnacceptableBody_FailsWithStatus(string body, int status)
    {
        var fault = await Assert.ThrowsAsync<MultipartFormatException>(() => ReadAsync(Bytes(body), 5));
        Assert.Equal(status, fault.StatusCode);
    }

    [Theory]
    [InlineData("binary")]
    [InlineData("8BIT")]
    [InlineData("7bit")]
    public async Task ReadPart_IdentityTransferEncoding_IsTaken(string encoding)
    {
        var parts = await ReadAsync(Bytes($"--b\r\nContent-Transfer-Encoding: {encoding}\r\n\r\nx\r\n--b--"), 100);
        Assert.Equal("x", Assert.Single(parts).Text);
    }

    [Fact]
    public async Task ReadPart_OnlyClosingDelimiter_GivesNone() => Assert.Empty(await ReadAsync(Bytes("--b--\r\n"), 100));

    [Fact]
    public async Task ReadPart_MillionEmptyParts_StopsAtTheLimit()
    {
        var body = Bytes(string.Concat(Enumerable.Repeat("--b\r\n\r\n\r\n", 1_000_000)));
        var seen = new List<string>();
        var fault = await Assert.ThrowsAsync<MultipartFormatException>(() => ReadAsync(body, 1 << 20, seen));
        Assert.Equal(413, fault.StatusCode);
        Assert.Equal(MultipartLimits.Default.Parts, seen.Count);
    }

    [Theory]
    [InlineData(16, 10, true)]
    [InlineData(17, 10, false)]
    [InlineData(1, 16 * 1024 - 10, true)]
    [InlineData(1, 16 * 1024, false)]
    [InlineData(1, 900_000, false)]
    [InlineData(10_000, 1, false)]
    public async Task ReadPart_HeadersAtTheLimits_StopsPastThem(int count, int valueLength, bool taken)
    {
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"h{i}:{new string('x', valueLength)}\r\n"));
        var body = Bytes($"--b\r\n{headers}\r\nx\r\n--b--");
        if (taken)
        {
            Assert.Equal(count, Assert.Single(await ReadAsync(body, 1000)).Part.Headers.Count);
        }
        else
        {
            Assert.Equal(413, (await Assert.ThrowsAsync<MultipartFormatException>(() => ReadAsync(body, 1000))).StatusCode);
        }
    }

    [Fact]
    public async Task Content_PastTheLimit_Fails()
    {
        var limits = MultipartLimits.Default with { PartBytes = 100 };
        Assert.Equal(100, (await ReadAsync(Bytes($"--b\r\n\r\n{new string('x', 100)}\r\n--b--"), 10, limits: limits))[0].Bytes.Length);
        var fault = await Assert.ThrowsAsync<MultipartFormatException>(
            () => ReadAsync(Bytes($"--b\r\n\r\n{new string('x', 101)}\r\n--b--"), 10, limits: limits));
        Assert.Equal(413, fault.StatusCode);
    }

    [Fact]
    public async Task ReadPart_EndlessPreamble_StopsEarly()
    {
        using var endless = new EndlessStream();
        using var reader = new MultipartBody(endless, Boundary, MultipartLimits.Default);
        var fault = await Assert.ThrowsAsync<MultipartFormatException>(async () => await reader.ReadPartAsync(default));
        Assert.Equal(400, fault.StatusCode);
        Assert.InRange(endless.Given, 1, 2 * 1024 * 1024);
    }

    [Theory]
    [InlineData("multipart/related; boundary=abc; type=application/dicom", "abc", "application/dicom")]
    [InlineData("multipart/related; type=\"Application/DICOM\"; boundary=\"a b\"", "a b", "application/dicom")]
    [InlineData("multipart/related;boundary='q'", "'q'", null)]
    public void ContentType_WithBoundary_IsRead(string header, string boundary, string? type) =>
        Assert.Equal(
            new MultipartContentType(boundary, type),
            MultipartContentType.Read(VnaCloud.Server.Http.Negotiation.MediaType.Parse(header)!));

    [Theory]
    [InlineData("multipart/related")]
    [InlineData("multipart/related; boundary=\"\"")]
    [InlineData("multipart/related; boundary=\"a[b]*\"")]
    [InlineData("multipart/related; boundary=\"a\r\nb\"")]
    [InlineData("multipart/related; boundary=\"a \"")]
    [InlineData("multipart/related; boundary=01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public void ContentType_WithImpossibleBoundary_Fails(string header) =>
        Assert.Equal(400, Assert.Throws<MultipartFormatException>(
            () => MultipartContentType.Read(VnaCloud.Server.Http.Negotiation.MediaType.Parse(header)!)).StatusCode);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static MultipartBody Reader(string body) => new(new MemoryStream(Bytes(body)), Boundary, MultipartLimits.Default);

    private static async Task<List<ReadPart>> ReadAsync(
        byte[] body, int piece, List<string>? seen = null, string boundary = Boundary, MultipartLimits? limits = null)
    {
        using var reader = new MultipartBody(new PieceStream(body, piece), boundary, limits ?? MultipartLimits.Default);
        var parts = new List<ReadPart>();
        while (await reader.ReadPartAsync(default) is { } part)
        {
            using var content = new MemoryStream();
            do
            {
                content.Write(part.Content.Window.Span);
                part.Content.Advance(part.Content.Window.Length);
            }
            while (await part.Content.FillAsync(default) || part.Content.Window.Length > 0);
            parts.Add(new ReadPart(part, content.ToArray()));
            seen?.Add(parts[^1].Text);
        }
        return parts;
    }

    internal sealed record ReadPart(MultipartPart Part, byte[] Bytes)
    {
        public string Text => Encoding.Latin1.GetString(Bytes);
    }
}

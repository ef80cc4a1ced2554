using System.Text;

namespace VnaCloud.DicomWeb.Tests.Multipart;

/// <summary>Multipart answers in pieces of every length, and those that no honest service sends.</summary>
public sealed class MultipartReaderTests
{
    private const string Two = "preamble\r\n--b\r\nContent-Type: application/dicom\r\n\r\nfirst\r\n--a\r\n--b \t\r\n\r\n\r\n--b\r\nContent-Type: a/b\r\n\r\n\r\n\r\n--b--\r\nepilogue";

    [Fact]
    public async Task Parts_InPiecesOfAnyLength_AreTheSame()
    {
        for (var piece = 1; piece <= Two.Length; piece++)
        {
            Assert.Equal(["first\r\n--a", "", "\r\n"], await ReadAsync(Two, piece, read: 3));
        }
    }

    [Fact]
    public async Task Parts_PassedOver_DoNotHideTheNext()
    {
        using var reader = new MultipartReader(new Pieces(Two, 3), "b");
        Assert.Equal("application/dicom", (await reader.ReadPartAsync(default))!.ContentType);
        await reader.ReadPartAsync(default);
        Assert.Equal("a/b", (await reader.ReadPartAsync(default))!.ContentType);
        Assert.Null(await reader.ReadPartAsync(default));
        Assert.Null(await reader.ReadPartAsync(default));
    }

    [Fact]
    public async Task Part_ReadAfterTheNextIsAskedFor_IsNotTakenForItsEnd()
    {
        using var reader = new MultipartReader(new Pieces(Two, 1), "b");
        var first = (await reader.ReadPartAsync(default))!;
        await reader.ReadPartAsync(default);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await first.Content.CopyToAsync(Stream.Null));
    }

    [Theory]
    [InlineData("--b\r\n\r\nfirst", WebFault.Network)]
    [InlineData("--b\r\n\r\nfirst\r\n--", WebFault.Network)]
    [InlineData("--b\r\nContent-Type: a", WebFault.Network)]
    [InlineData("--b\r\n\r\nfirst\r\n--b", WebFault.Network)]
    [InlineData("", WebFault.Network)]
    [InlineData("--b\r\nno colon\r\n\r\nfirst\r\n--b--", WebFault.Malformed)]
    [InlineData("--b trailing\r\n\r\nfirst\r\n--b--", WebFault.Malformed)]
    public async Task Body_CutOffOrMalformed_IsNeverAnEnd(string body, WebFault fault)
    {
        for (var piece = 1; piece <= Math.Max(1, body.Length); piece++)
        {
            var failure = await Assert.ThrowsAsync<DicomWebException>(() => ReadAsync(body, piece, read: 7));
            Assert.Equal(fault, failure.Error.Fault);
        }
    }

    [Fact]
    public async Task Headers_WithoutEnd_AreRefusedAtTheirLimit()
    {
        var body = new Pieces("--b\r\nX: " + new string('x', 10_000_000), 100_000);
        using var reader = new MultipartReader(body, "b");
        Assert.Equal(WebFault.Malformed, (await Assert.ThrowsAsync<DicomWebException>(async () => await reader.ReadPartAsync(default))).Error.Fault);
        Assert.InRange(body.Given, 0, 1_000_000);
    }

    [Fact]
    public async Task Preamble_WithoutEnd_IsRefusedAtItsLimit()
    {
        var body = new Pieces(new string('x', 10_000_000), 100_000);
        using var reader = new MultipartReader(body, "b");
        Assert.Equal(WebFault.Malformed, (await Assert.ThrowsAsync<DicomWebException>(async () => await reader.ReadPartAsync(default))).Error.Fault);
        Assert.InRange(body.Given, 0, 1_000_000);
    }

    private static async Task<List<string>> ReadAsync(string body, int piece, int read)
    {
        using var reader = new MultipartReader(new Pieces(body, piece), "b");
        var parts = new List<string>();
        while (await reader.ReadPartAsync(default) is { } part)
        {
            using var content = new MemoryStream();
            await part.Content.CopyToAsync(content, read);
            parts.Add(Encoding.Latin1.GetString(content.ToArray()));
        }
        return parts;
    }

    private sealed class Pieces(string text, int piece) : ForwardStream
    {
        private readonly byte[] _bytes = Encoding.Latin1.GetBytes(text);

        public int Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(Math.Min(piece, buffer.Length), _bytes.Length - Given);
            _bytes.AsMemory(Given, count).CopyTo(buffer);
            Given += count;
            return ValueTask.FromResult(count);
        }
    }
}

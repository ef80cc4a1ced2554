using System.Text;
using VnaCloud.Server.Http.Multipart;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Tests.Http;

public sealed class MultipartAnswerTests
{
    private static readonly MultipartAnswer Answer = new("abc", "application/dicom");

    [Fact]
    public void PartHeader_SpellsDelimiterAndHeadersExactly()
    {
        Assert.Equal("--abc\r\nContent-Type: application/dicom\r\n\r\n", Text(Answer.PartHeader(first: true, "application/dicom")));
        Assert.Equal(
            "\r\n--abc\r\nContent-Type: image/jls\r\nContent-Location: http://x/y\r\n\r\n",
            Text(Answer.PartHeader(first: false, "image/jls", "http://x/y")));
        Assert.Equal("\r\n--abc--\r\n", Text(Answer.Closing));
    }

    [Fact]
    public void PartHeader_OfThousandBytes_IsRefused()
    {
        var fixedLength = Answer.PartHeader(false, "a/b", "").Length;
        Assert.Equal(999, Answer.PartHeader(false, "a/b", new string('x', 999 - fixedLength)).Length);
        Assert.Throws<ArgumentException>(() => Answer.PartHeader(false, "a/b", new string('x', 1000 - fixedLength)));
    }

    [Fact]
    public async Task Answer_ReadByOurReader_GivesThePartsBack()
    {
        byte[] bytes =
        [
            .. Answer.PartHeader(true, "application/dicom"), 1, 2, 3,
            .. Answer.PartHeader(false, "application/dicom"), .. Answer.Closing,
        ];
        var type = MultipartContentType.Read(MediaType.Parse(Answer.ContentType)!);
        Assert.Equal(new MultipartContentType("abc", "application/dicom"), type);
        using var reader = new MultipartBody(new PieceStream(bytes, 3), type.Boundary, MultipartLimits.Default);
        Assert.Equal(3, await (await reader.ReadPartAsync(default))!.Content.SkipAsync(9, default));
        Assert.Equal(0, await (await reader.ReadPartAsync(default))!.Content.SkipAsync(9, default));
        Assert.Null(await reader.ReadPartAsync(default));
    }

    private static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes);
}

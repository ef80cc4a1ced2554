using System.Net;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wado;

public sealed class WadoBulkDataTests
{
    private const string Octets = "application/octet-stream";
    private const string Ele = "1.2.840.10008.1.2.1";
    private const string Big = "1.2.840.10008.1.2.2";

    [Theory]
    [Trait("dicomweb", "133")]
    [Trait("dicomweb", "141")]
    [Trait("dicomweb", "142")]
    [InlineData(Ele)]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData(Big)]
    [InlineData("1.2.840.10008.1.2.1.99")]
    public async Task BulkValues_OfEveryDepthAndSize_ResolveToLittleEndianBytes(string syntax)
    {
        await using var server = await WireServer.BorrowAsync();
        var icon = Files.Pattern(6000, 1);
        var wave = Files.Pattern(70_000, 2);
        var inner = Files.Pattern(5000, 3);
        var spec = Files.Spec("1.1") with { Rows = 100, Columns = 100, Syntax = TransferSyntax.Get(syntax) };
        // The icon's samples are words of 32 bits, the image's of 16: each turns as its own item says.
        var iconItem = new DicomDataSet().Set(DicomTags.BitsAllocated, (ushort)32).Set(new DicomElement(DicomTags.PixelData, DicomVr.OW, icon));
        var waveform = new DicomDataSet().Set(new DicomElement(DicomTags.WaveformData, DicomVr.OW, wave));
        var deep = new DicomDataSet().Set(new DicomElement(DicomTags.ReferencedSeriesSequence, [new DicomDataSet(), new DicomDataSet().Set(new DicomElement(DicomTags.RedPaletteColorLookupTableData, DicomVr.OW, inner))]));
        await server.StoreAsync(Files.Changed(spec, data => data
            .Set(new DicomElement(DicomTags.IconImageSequence, [iconItem]))
            .Set(new DicomElement(DicomTags.WaveformSequence, [new DicomDataSet(), waveform]))
            .Set(new DicomElement(DicomTags.ReferencedStudySequence, [deep]))));
        var metadata = (await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!;
        var uris = new Dictionary<string, byte[]>
        {
            [(string)metadata["00880200"]!["Value"]![0]!["7FE00010"]!["BulkDataURI"]!] = icon,
            [(string)metadata["54000100"]!["Value"]![1]!["54001010"]!["BulkDataURI"]!] = wave,
            [(string)metadata["00081110"]!["Value"]![0]!["00081115"]!["Value"]![1]!["00281201"]!["BulkDataURI"]!] = inner,
            [(string)metadata["7FE00010"]!["BulkDataURI"]!] = Instances.File(spec with { Syntax = TransferSyntax.ExplicitVrLittleEndian })[^20_000..],
        };
        foreach (var (uri, expected) in uris)
        {
            using var response = await server.GetAsync(uri);
            var part = Assert.Single((await AnswerParts.ReadAsync(response)).Parts);
            Assert.Equal(expected, part.Body);
            Assert.Equal(uri, part.Location);
            using var range = await server.GetAsync(uri, ("Accept", Octets), ("Range", "bytes=333-3334"));
            Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
            Assert.Equal(expected[333..3335], await range.Content.ReadAsByteArrayAsync());
            Assert.Equal("attachment", range.Content.Headers.ContentDisposition!.DispositionType);
        }
    }

    [Theory]
    [Trait("dicomweb", "143")]
    [InlineData("00091001", 404)]
    [InlineData("7FE00011", 404)]
    [InlineData("FFFFFFFF", 404)]
    [InlineData("00081110", 404)]
    [InlineData("00081110/0/7FE00010", 404)]
    [InlineData("7FE00010/0/7FE00010", 404)]
    [InlineData("00081110/0", 400)]
    [InlineData("7FE0001", 400)]
    [InlineData("zzzzzzzz", 400)]
    [InlineData("..%2f..%2fmetadata", 400)]
    public async Task BulkPath_ThatIsNotThere_IsRefused(string path, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Changed("1.1", data => data.Set(new DicomElement(DicomTags.ReferencedStudySequence, [new DicomDataSet()]))));
        using var response = await server.GetAsync($"{Files.InstanceUrl("1.1")}/bulkdata/{path}");
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "133")]
    public async Task NestedFragments_AreJoined()
    {
        await using var server = await WireServer.BorrowAsync();
        var file = Files.Encapsulated(Files.Spec("1.1"), "1.2.840.10008.1.2.4.50", [], [Files.Pattern(100, 1)]);
        // An encapsulated icon inside a sequence, by its bytes: (0088,0200) before the pixel data.
        var at = file.AsSpan().LastIndexOf(new byte[] { 0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B' });
        byte[] icon = [0x88, 0, 0, 2, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF,
            .. file[at..(at + 12)], 0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0,
            0xFE, 0xFF, 0, 0xE0, 4, 0, 0, 0, 1, 2, 3, 4, 0xFE, 0xFF, 0, 0xE0, 2, 0, 0, 0, 5, 6, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0,
            0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
        await server.StoreAsync([.. file[..at], .. icon, .. file[at..]]);
        var uri = (string)(await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!["00880200"]!["Value"]![0]!["7FE00010"]!["BulkDataURI"]!;
        Assert.Equal([1, 2, 3, 4, 5, 6], await server.BytesAsync(uri, ("Accept", Octets)));
    }

    [Theory]
    [Trait("dicomweb", "144")]
    [Trait("attacks", "70")]
    [Trait("attacks", "72")]
    [InlineData("application/pdf", "application/pdf")]
    [InlineData("APPLICATION/PDF", "application/pdf")]
    [InlineData("model/stl", "model/stl")]
    [InlineData("text/html", Octets)]
    [InlineData("text/xml", Octets)]
    [InlineData("image/svg+xml", Octets)]
    [InlineData("application/pdf\r\nX: y", Octets)]
    public async Task Document_ComesAsWhatItIsWhereThatCannotRun(string said, string given)
    {
        await using var server = await WireServer.BorrowAsync();
        var pdf = Encoding.ASCII.GetBytes("%PDF-1.7\n" + new string('x', 10_000) + "\n");
        await server.StoreAsync(Files.Changed("1.1", data =>
        {
            data.Remove(DicomTags.PixelData);
            data.Set(new DicomElement(DicomTags.EncapsulatedDocument, DicomVr.OB, (byte[])[.. pdf, .. new byte[pdf.Length % 2]]))
                .Set(DicomTags.MIMETypeOfEncapsulatedDocument, DicomVr.LO, said)
                .Set(new DicomElement(DicomTags.EncapsulatedDocumentLength, DicomVr.UL, BitConverter.GetBytes(pdf.Length)));
        }));
        var uri = (string)(await server.MetadataAsync(Files.InstanceUrl("1.1")))[0]!["00420011"]!["BulkDataURI"]!;
        using var response = await server.GetAsync(uri, ("Accept", $"{given}, application/octet-stream;q=0.1"));
        Assert.Equal(given, response.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(pdf, await response.Content.ReadAsByteArrayAsync());
        if (given == Octets)
        {
            using var refused = await server.GetAsync(uri, ("Accept", said.Split('\r')[0] == "application/pdf" ? "text/html" : said));
            Assert.Equal(HttpStatusCode.NotAcceptable, refused.StatusCode);
        }
    }

    [Theory]
    [Trait("dicomweb", "145")]
    [InlineData("1.2.840.10008.1.2.4.100", "video/mpeg")]
    [InlineData("1.2.840.10008.1.2.4.102", "video/mp4")]
    [InlineData("1.2.840.10008.1.2.4.107", "video/mp4")]
    public async Task Video_CanBePlayedByRanges(string syntax, string type)
    {
        await using var server = await WireServer.BorrowAsync();
        var film = Files.Pattern(300_000, 4);
        using var stored = await server.StowAsync(Files.Encapsulated(Files.Spec("1.1") with { Frames = 250 }, syntax, [], [film[..100_000], film[100_000..250_000], film[250_000..]]));
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        var url = $"{Files.InstanceUrl("1.1")}/bulkdata/7FE00010";
        using var whole = await server.GetAsync(url, ("Accept", type));
        Assert.Equal(type, whole.Content.Headers.ContentType!.ToString());
        Assert.Equal("bytes", Assert.Single(whole.Headers.AcceptRanges));
        Assert.Null(whole.Content.Headers.ContentDisposition);
        Assert.Equal(film, await whole.Content.ReadAsByteArrayAsync());
        using var seek = await server.GetAsync(url, ("Accept", type), ("Range", "bytes=99990-250009"));
        Assert.Equal(HttpStatusCode.PartialContent, seek.StatusCode);
        Assert.Equal(film[99_990..250_010], await seek.Content.ReadAsByteArrayAsync());
        using var frame = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/2");
        Assert.Equal(HttpStatusCode.NotAcceptable, frame.StatusCode);
        Assert.Contains(type, await frame.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}

using System.Net;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wado;

public sealed class WadoFramesTests
{
    private const string Ele = "1.2.840.10008.1.2.1";
    private const string Ile = "1.2.840.10008.1.2";
    private const string Big = "1.2.840.10008.1.2.2";
    private const string Deflated = "1.2.840.10008.1.2.1.99";
    private const string J2k = "1.2.840.10008.1.2.4.90";
    private const int Count = 5;

    public static TheoryData<int, string, string> Layouts()
    {
        var data = new TheoryData<int, string, string>();
        foreach (var syntax in new[] { Ele, Ile, Big, Deflated })
        {
            data.Add(1, "OW", syntax);
            data.Add(8, "OW", syntax);
            data.Add(8, "OB", syntax);
            data.Add(16, "OW", syntax);
            data.Add(32, "OW", syntax);
            data.Add(64, "OW", syntax);
            data.Add(32, "OF", syntax);
            data.Add(64, "OD", syntax);
        }
        data.Add(1, "OB", Ele);
        return data;
    }

    // Seven rows of nine columns: frames of 63 bits or of an odd number of bytes.
    [Theory]
    [MemberData(nameof(Layouts))]
    [Trait("dicomweb", "146")]
    [Trait("dicomweb", "150")]
    [Trait("dicomweb", "152")]
    [Trait("dicomweb", "157")]
    public async Task NativeFrames_OfEveryLayout_AreLittleEndianAndExact(int bits, string vr, string syntax)
    {
        if (syntax == Ile && bits == 8 && vr == "OB")
        {
            vr = "OW"; // PS3.5 A.1: implicit VR pixel data is OW.
        }
        await using var server = await WireServer.BorrowAsync();
        var (tag, unit) = vr switch { "OF" => (DicomTags.FloatPixelData, DicomVr.OF), "OD" => (DicomTags.DoubleFloatPixelData, DicomVr.OD), "OB" => (DicomTags.PixelData, DicomVr.OB), _ => (DicomTags.PixelData, DicomVr.OW) };
        var total = (63 * bits * Count + 7) / 8;
        var pixels = Files.Pattern(total + total % 2, bits);
        var spec = Files.Spec("1.1") with { Rows = 7, Columns = 9, Frames = Count, Syntax = TransferSyntax.Get(syntax) };
        using var stored = await server.StowAsync(Files.Native(spec, tag, unit, bits, pixels));
        Assert.True(stored.IsSuccessStatusCode, await stored.Content.ReadAsStringAsync());
        var url = Files.InstanceUrl("1.1");
        using var response = await server.GetAsync($"{url}/frames/1,3,2,3,5", ("Accept", "multipart/related; type=\"application/octet-stream\""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var parts = (await AnswerParts.ReadAsync(response)).Parts;
        Assert.Equal(new[] { 1, 3, 2, 3, 5 }.Select(frame => $"{server.DicomWeb}/{url}/frames/{frame}"), parts.Select(part => part.Location));
        Assert.Equal(new[] { 0, 2, 1, 2, 4 }.Select(frame => Frame(pixels, frame, bits)), parts.Select(part => part.Body));
        Assert.All(parts, part => Assert.Equal($"application/octet-stream; transfer-syntax={Ele}", part.ContentType));
        Assert.Equal(Frame(pixels, 3, bits), await server.BytesAsync($"{url}/frames/4", ("Accept", "application/octet-stream")));
        using var range = await server.GetAsync($"{url}/frames/4", ("Accept", "application/octet-stream"), ("Range", "bytes=1-5"));
        Assert.Equal(Frame(pixels, 3, bits)[1..6], await range.Content.ReadAsByteArrayAsync());
        using var all = await server.GetAsync($"{url}/pixeldata");
        Assert.Equal(Enumerable.Range(0, Count).Select(frame => Frame(pixels, frame, bits)), (await AnswerParts.ReadAsync(all)).Parts.Select(part => part.Body));
    }

    [Fact]
    [Trait("dicomweb", "152")]
    public async Task BitFrames_LongerThanABuffer_AreShiftedWithoutASeam()
    {
        await using var server = await WireServer.BorrowAsync();
        const int side = 1023;
        var pixels = Files.Pattern((side * side * 2 + 7) / 8 + 1, 3);
        await server.StoreAsync(Files.Native(Files.Spec("1.1") with { Rows = side, Columns = side, Frames = 2 }, DicomTags.PixelData, DicomVr.OB, 1, pixels));
        Assert.Equal(Bits(pixels, side * side, side * side), await server.BytesAsync($"{Files.InstanceUrl("1.1")}/frames/2", ("Accept", "application/octet-stream")));
    }

    public static TheoryData<string, uint[], int[], int[]> Encapsulations() => new()
    {
        // Name, offset table, lengths of fragments, fragments of each frame.
        { "one fragment each, no table", [], [100, 50, 70], [1, 1, 1] },
        { "one fragment each, a table", [0, 108, 166], [100, 50, 70], [1, 1, 1] },
        { "several fragments, a table", [0, 166, 298], [100, 50, 70, 46, 20, 30], [2, 2, 2] },
        { "several fragments told by their beginnings", [], [100, 50, 70, 46, 20, 30], [3, 1, 2] },
        { "a table past the end", [0, 5000, 9000], [100, 50, 70], [1, 1, 1] },
        { "a table that goes back", [0, 166, 108], [100, 50, 70], [1, 1, 1] },
        { "a table with one place twice", [0, 0, 108], [100, 50, 70], [1, 1, 1] },
    };

    [Theory]
    [MemberData(nameof(Encapsulations))]
    [Trait("dicomweb", "14")]
    [Trait("dicomweb", "153")]
    [Trait("attacks", "16")]
    public async Task EncapsulatedFrames_AreTheirFragmentsWithoutHeaders(string what, uint[] table, int[] lengths, int[] frames)
    {
        await using var server = await WireServer.BorrowAsync();
        var fragments = lengths.Select((length, i) => Files.Pattern(length, i + 1)).ToArray();
        var first = 0;
        var expected = new List<byte[]>();
        foreach (var count in frames)
        {
            new byte[] { 0xFF, 0x4F, 0xFF, 0x51 }.CopyTo(fragments[first], 0);
            expected.Add([.. fragments[first..(first + count)].SelectMany(bytes => bytes)]);
            first += count;
        }
        await server.StoreAsync(Files.Encapsulated(Files.Spec("1.1") with { Frames = 3 }, J2k, table, fragments));
        using var response = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/1,2,3", ("Accept", "multipart/related; type=application/octet-stream; transfer-syntax=*"));
        Assert.True(response.IsSuccessStatusCode, what);
        var answer = await AnswerParts.ReadAsync(response);
        Assert.Equal(expected, answer.Parts.Select(part => part.Body));
        Assert.All(answer.Parts, part => Assert.Equal($"image/jp2; transfer-syntax={J2k}", part.ContentType));
        Assert.Equal(expected[2], await server.BytesAsync($"{Files.InstanceUrl("1.1")}/frames/3", ("Accept", "image/jp2")));
        using var range = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/3", ("Accept", "image/jp2"), ("Range", "bytes=10-24"));
        Assert.Equal(expected[2][10..25], await range.Content.ReadAsByteArrayAsync());
    }

    // Viewers show an HTJ2K frame from its first kilobytes and then ask for the rest of the same body: both must be of one deterministic multipart.
    [Fact]
    public async Task Htj2kFrame_AskedForInRangesOfItsMultipart_IsTheWholeOneInPieces()
    {
        const string Rpcl = "1.2.840.10008.1.2.4.202", Any = "multipart/related; type=application/octet-stream; transfer-syntax=*";
        const int First = 4_000;
        await using var server = await WireServer.BorrowAsync();
        var codestream = Files.Pattern(30_000, 1);
        new byte[] { 0xFF, 0x4F, 0xFF, 0x51 }.CopyTo(codestream, 0);
        await server.StoreAsync(Files.Encapsulated(Files.Spec("1.1"), Rpcl, [], [codestream]));
        var url = $"{Files.InstanceUrl("1.1")}/frames/1";
        using var whole = await server.GetAsync(url, ("Accept", Any));
        var bytes = await whole.Content.ReadAsByteArrayAsync();

        using var begin = await server.GetAsync(url, ("Accept", Any), ("Range", $"bytes=0-{First - 1}"));
        using var rest = await server.GetAsync(url, ("Accept", Any), ("Range", $"bytes={First}-"), ("If-Range", begin.Headers.ETag!.ToString()));

        Assert.Equal([HttpStatusCode.PartialContent, HttpStatusCode.PartialContent], [begin.StatusCode, rest.StatusCode]);
        Assert.Equal(bytes.Length, begin.Content.Headers.ContentRange!.Length);
        Assert.Equal(whole.Content.Headers.ContentType, begin.Content.Headers.ContentType);
        byte[] joined = [.. await begin.Content.ReadAsByteArrayAsync(), .. await rest.Content.ReadAsByteArrayAsync()];
        Assert.Equal(bytes, joined);
        Assert.Equal(codestream, Assert.Single((await AnswerParts.ReadAsync(whole)).Parts).Body);
        using var changed = await server.GetAsync(url, ("Accept", Any), ("Range", $"bytes={First}-"), ("If-Range", "\"another\""));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("dicomweb", "153")]
    [Trait("attacks", "16")]
    public async Task ExtendedOffsetTable_IsBelievedWhereItIsRight(bool wrapping)
    {
        await using var server = await WireServer.BorrowAsync();
        var fragments = Enumerable.Range(0, 3).Select(i => Files.Pattern(50, i)).ToArray();
        var offsets = wrapping ? new[] { 0UL, ulong.MaxValue - 7, 116UL } : [0UL, 58UL, 116UL];
        await server.StoreAsync(Files.Encapsulated(Files.Spec("1.1") with { Frames = 3 }, J2k, [], fragments, data => data
            .Set(new DicomElement(DicomTags.ExtendedOffsetTable, DicomVr.OV, offsets.SelectMany(BitConverter.GetBytes).ToArray()))
            .Set(new DicomElement(DicomTags.ExtendedOffsetTableLengths, DicomVr.OV, new ulong[] { 50, 50, 50 }.SelectMany(BitConverter.GetBytes).ToArray()))));
        Assert.Equal(fragments[1], await server.BytesAsync($"{Files.InstanceUrl("1.1")}/frames/2", ("Accept", "image/jp2")));
    }

    [Theory]
    [Trait("dicomweb", "149")]
    [Trait("dicomweb", "151")]
    [InlineData("1.2.840.10008.1.2.4.50", "image/jpeg", null)]
    [InlineData("1.2.840.10008.1.2.4.51", "image/jpeg", null)]
    [InlineData("1.2.840.10008.1.2.4.57", "image/jpeg", null)]
    [InlineData("1.2.840.10008.1.2.4.70", "image/jpeg", null)]
    [InlineData("1.2.840.10008.1.2.5", "image/dicom-rle", null)]
    [InlineData("1.2.840.10008.1.2.4.80", "image/jls", "image/x-jls")]
    [InlineData("1.2.840.10008.1.2.4.81", "image/jls", null)]
    [InlineData("1.2.840.10008.1.2.4.90", "image/jp2", null)]
    [InlineData("1.2.840.10008.1.2.4.91", "image/jp2", null)]
    [InlineData("1.2.840.10008.1.2.4.92", "image/jpx", null)]
    [InlineData("1.2.840.10008.1.2.4.93", "image/jpx", null)]
    [InlineData("1.2.840.10008.1.2.4.201", "image/jphc", "image/jph")]
    [InlineData("1.2.840.10008.1.2.4.202", "image/jphc", "image/j2c")]
    [InlineData("1.2.840.10008.1.2.4.203", "image/jphc", null)]
    public async Task Frame_HasTheMediaTypeOfItsSyntax(string syntax, string type, string? alias)
    {
        await using var server = await WireServer.BorrowAsync();
        var frame = Files.Pattern(500, 1);
        await server.StoreAsync(Files.Encapsulated(Files.Spec("1.1"), syntax, [], [frame]));
        var path = $"{Files.InstanceUrl("1.1")}/frames/1";
        foreach (var accept in new[] { type, alias ?? type, $"{type}; transfer-syntax={syntax}", $"{type}; transfer-syntax=*", "image/*", "application/octet-stream; transfer-syntax=*" })
        {
            using var response = await server.GetAsync(path, ("Accept", accept));
            Assert.True(response.StatusCode == HttpStatusCode.OK, accept);
            Assert.Equal($"{type}; transfer-syntax={syntax}", response.Content.Headers.ContentType!.ToString());
            Assert.Equal(frame, await response.Content.ReadAsByteArrayAsync());
        }
        foreach (var accept in new[] { "application/octet-stream", "multipart/related; type=\"application/octet-stream\"", "image/png", $"{type}; transfer-syntax=1.2.3" })
        {
            using var refused = await server.GetAsync(path, ("Accept", accept));
            Assert.True(refused.StatusCode == HttpStatusCode.NotAcceptable, accept);
            // Of which nothing is a stream of its syntax: it is decoded, and refused.
            var reason = await refused.Content.ReadAsStringAsync();
            Assert.True(reason.Contains(type, StringComparison.Ordinal) || reason.Contains("transfer-syntax=*", StringComparison.Ordinal), reason);
        }
        using var any = await server.GetAsync(path);
        Assert.Equal(type, (await AnswerParts.ReadAsync(any)).RelatedType);
    }

    [Theory]
    [Trait("dicomweb", "146")]
    [Trait("dicomweb", "147")]
    [Trait("attacks", "44")]
    [InlineData("1", 200)]
    [InlineData("1,2,1", 200)]
    [InlineData("0", 400)]
    [InlineData("-1", 400)]
    [InlineData("a", 400)]
    [InlineData("1,,2", 400)]
    [InlineData("1-2", 400)]
    [InlineData("999999999999", 400)]
    [InlineData("3", 404)]
    [InlineData("1,3", 404)]
    [InlineData("2147483647", 404)]
    public async Task FrameList_IsChecked(string list, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Instances.File(Files.Spec("1.1") with { Frames = 2 }));
        using var response = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/{list}");
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    [Trait("attacks", "44")]
    public async Task FrameList_LongerThanTheLimit_Is400()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        using var allowed = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/{string.Join(',', Enumerable.Repeat(1, 1000))}");
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        using var refused = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/{string.Join(',', Enumerable.Repeat(1, 1001))}");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using var absurd = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/{string.Join(',', Enumerable.Repeat(1, 20_000))}");
        Assert.True((int)absurd.StatusCode is 400 or 414);
    }

    [Theory]
    [Trait("dicomweb", "148")]
    [InlineData("frames/1", 404)]
    [InlineData("pixeldata", 404)]
    [InlineData("bulkdata/7FE00010", 404)]
    [InlineData("rendered", 406)]
    [InlineData("thumbnail", 404)]
    [InlineData("frames/1/rendered", 404)]
    [InlineData("frames/1/thumbnail", 404)]
    public async Task Instance_WithoutPixels_HasNoFrames(string path, int status)
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Files.Changed("1.1", data => data.Remove(DicomTags.PixelData)));
        using var response = await server.GetAsync($"{Files.InstanceUrl("1.1")}/{path}");
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "159")]
    public async Task Frame_HasATagThatHolds()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Instances.File(Files.Spec("1.1") with { Frames = 2 }));
        using var first = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/1");
        await server.StoreAsync(Files.Ct("1.2"));
        using var same = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/1", ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var other = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/2", ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    private static byte[] Frame(byte[] pixels, int frame, int bits) => Bits(pixels, 63L * bits * frame, 63 * bits);

    private static byte[] Bits(byte[] pixels, long first, int count)
    {
        var frame = new byte[(count + 7) / 8];
        for (var i = 0; i < count; i++)
        {
            frame[i / 8] |= (byte)((pixels[(first + i) / 8] >> (int)((first + i) % 8) & 1) << (i % 8));
        }
        return frame;
    }
}

using System.Net;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.Imaging;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Wado;

/// <summary>Instances and frames in another transfer syntax than the stored one.</summary>
public sealed class TranscodingTests
{
    private const string Ele = "1.2.840.10008.1.2.1", Rle = "1.2.840.10008.1.2.5";

    [Theory]
    [Trait("dicomweb", "113")]
    [InlineData(Rle)]
    [InlineData("1.2.840.10008.1.2.1.99")]
    [InlineData("1.2.840.10008.1.2.4.80")]
    [InlineData("1.2.840.10008.1.2.4.90")]
    [InlineData("1.2.840.10008.1.2.4.201")]
    [InlineData("1.2.840.10008.1.2.4.202")]
    public async Task NativeInstance_InALosslessSyntax_HasTheSamePixelsAndElements(string syntax)
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        await using var server = await WireServer.StartAsync("--Vna:Codecs:Verify", "true");
        var file = Instances.File(Files.Spec("1.1") with { Frames = 3 });
        await server.StoreAsync(file);
        using var response = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", $"application/dicom; transfer-syntax={syntax}"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($"application/dicom; transfer-syntax={syntax}", response.Content.Headers.ContentType!.ToString());
        var given = await response.Content.ReadAsByteArrayAsync();
        var reader = await DicomReader.ReadAsync(new MemorySource(given));
        Assert.Equal(syntax, reader.TransferSyntax.Uid);
        Assert.Equal("Doe^Jane", reader.DataSet.String(DicomTags.PatientName));
        Assert.Equal("1.1", reader.DataSet.String(DicomTags.SOPInstanceUID));
        // Stored again, and asked for as it was.
        await using var second = await WireServer.BorrowAsync();
        await second.StoreAsync(given);
        var back = await second.BytesAsync(Files.InstanceUrl("1.1"), ("Accept", $"application/dicom; transfer-syntax={Ele}"));
        Assert.Equal(await PixelsAsync(file), await PixelsAsync(back));
    }

    [Fact]
    [Trait("dicomweb", "152")]
    [Trait("dicomweb", "156")]
    public async Task Frames_OfACompressedInstance_ComeDecodedInTheOrderAskedFor()
    {
        await using var server = await WireServer.BorrowAsync();
        var (file, native) = await CompressedAsync(server, frames: 3);
        var path = $"{Files.InstanceUrl("1.1")}/frames";
        await server.StoreAsync(file);
        using var three = await server.GetAsync($"{path}/3,1,3", ("Accept", $"multipart/related; type=\"application/octet-stream\"; transfer-syntax={Ele}"));
        var parts = (await AnswerParts.ReadAsync(three)).Parts;
        Assert.Equal([native[2], native[0], native[2]], parts.Select(part => part.Body));
        Assert.All(parts, part => Assert.Equal($"application/octet-stream; transfer-syntax={Ele}", part.ContentType));
        Assert.EndsWith("/frames/3", parts[0].Location, StringComparison.Ordinal);
        // Without a name it is the media type's default.
        Assert.Equal(native[1], await server.BytesAsync($"{path}/2", ("Accept", "application/octet-stream")));
        Assert.Equal(native.SelectMany(frame => frame), (await AnswerParts.ReadAsync(await server.GetAsync($"{Files.InstanceUrl("1.1")}/pixeldata", ("Accept", "multipart/related; type=\"application/octet-stream\"")))).Parts.SelectMany(part => part.Body));
    }

    [Fact]
    public async Task Frame_InAnotherCompression_ComesInItsMediaType()
    {
        Assert.SkipUnless(NativeCodecs.Exists, NativeCodecs.Missing);
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Instances.File(Files.Spec("1.1")));
        foreach (var (accept, type) in new[]
        {
            ("image/jls", "image/jls; transfer-syntax=1.2.840.10008.1.2.4.80"), ("image/jp2", "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90"),
            ("image/jphc", "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.201"), ("image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202", "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202"),
            ("image/dicom-rle", $"image/dicom-rle; transfer-syntax={Rle}"),
        })
        {
            using var response = await server.GetAsync($"{Files.InstanceUrl("1.1")}/frames/1", ("Accept", accept));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        }
    }

    [Fact]
    [Trait("dicomweb", "12")]
    public async Task CodecsMissing_ForWhatNeedsThem_Is406AndSaysHowToGetThem()
    {
        await using var server = await WireServer.StartAsync("--Vna:Codecs:Program", "/nowhere/vna-codec");
        await server.StoreAsync(Files.Encapsulated(Files.Spec("1.1"), "1.2.840.10008.1.2.4.90", [], [Files.Pattern(100, 1)]));
        foreach (var (path, accept) in new[] { ("", $"application/dicom; transfer-syntax={Ele}"), ("/frames/1", "application/octet-stream"), ("/rendered", "image/jpeg") })
        {
            using var refused = await server.GetAsync(Files.InstanceUrl("1.1") + path, ("Accept", accept));
            Assert.Equal(HttpStatusCode.NotAcceptable, refused.StatusCode);
            Assert.Contains("--with-codecs", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(server.Server.Count, server.Server.Log.Lines.Count(line => line.Contains("--with-codecs", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("dicomweb", "33")]
    public async Task Study_WithADamagedFirstFrame_Is206WithoutThatInstance()
    {
        await using var server = await WireServer.BorrowAsync();
        var (file, _) = await CompressedAsync(server, frames: 1);
        await server.StoreAsync(file, Files.Encapsulated(Files.Spec("1.2"), Rle, [], [Files.Pattern(100, 1)]));
        using var study = await server.GetAsync($"studies/{Files.Study}", ("Accept", $"multipart/related; type=\"application/dicom\"; transfer-syntax={Ele}"));
        Assert.Equal(HttpStatusCode.PartialContent, study.StatusCode);
        Assert.Contains("cannot be decoded", study.Headers.GetValues("Warning").Single(), StringComparison.Ordinal);
        Assert.EndsWith("1.1", Assert.Single((await AnswerParts.ReadAsync(study)).Parts).Location, StringComparison.Ordinal);
        // Who takes it as stored as well gets all.
        using var whole = await server.GetAsync($"studies/{Files.Study}", ("Accept", $"multipart/related; type=\"application/dicom\"; transfer-syntax={Ele}, multipart/related; type=\"application/dicom\"; transfer-syntax=*; q=0.5"));
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal([$"application/dicom; transfer-syntax={Ele}", $"application/dicom; transfer-syntax={Rle}"], (await AnswerParts.ReadAsync(whole)).Parts.Select(part => part.ContentType));
        using var one = await server.GetAsync(Files.InstanceUrl("1.2"), ("Accept", $"application/dicom; transfer-syntax={Ele}"));
        Assert.Equal(HttpStatusCode.NotAcceptable, one.StatusCode);
    }

    [Fact]
    [Trait("dicomweb", "33")]
    public async Task Study_WithADamagedLaterFrame_IsCutOff_AndTheNextTimeItIs206()
    {
        await using var server = await WireServer.BorrowAsync();
        var (file, _) = await CompressedAsync(server, frames: 1);
        var (two, _) = await CompressedAsync(server, frames: 1, sop: "1.2");
        var frame = (await Corpus.FrameBytes.ReadAsync(two)).Bytes[0];
        await server.StoreAsync(file, Files.Encapsulated(Files.Spec("1.2") with { Frames = 2 }, Rle, [0, (uint)(frame.Length + 8)], [frame, Files.Pattern(100, 1)]));
        var accept = ("Accept", $"multipart/related; type=\"application/dicom\"; transfer-syntax={Ele}");
        // Each of two servers has to see it for itself, and a balancer may ask both for one request.
        Assert.Null(await AnswerOrCutAsync());
        var again = await AnswerOrCutAsync();
        if (server.Server.Count > 1)
        {
            again ??= await AnswerOrCutAsync();
        }
        Assert.Equal(HttpStatusCode.PartialContent, again?.StatusCode);
        Assert.EndsWith("1.1", Assert.Single((await AnswerParts.ReadAsync(again!)).Parts).Location, StringComparison.Ordinal);
        again!.Dispose();
        // Its first frame can be had all the same.
        using var first = await server.GetAsync($"{Files.InstanceUrl("1.2")}/frames/1", ("Accept", "application/octet-stream"));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        if (server.Server.Count == 1) // the other of two may not have seen it yet
        {
            using var alone = await server.GetAsync(Files.InstanceUrl("1.2"), ("Accept", $"application/dicom; transfer-syntax={Ele}"));
            Assert.Equal(HttpStatusCode.NotAcceptable, alone.StatusCode);
        }

        async Task<HttpResponseMessage?> AnswerOrCutAsync()
        {
            try
            {
                var answer = await server.GetAsync($"studies/{Files.Study}", accept);
                // What nginx makes of it when the connection ends before it has read the headers.
                return answer.StatusCode == HttpStatusCode.BadGateway && server.Server.Count > 1 ? null : answer;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }
    }

    [Fact]
    [Trait("dicomweb", "159")]
    public async Task TranscodedAnswer_HasATagOfItsOwn()
    {
        await using var server = await WireServer.BorrowAsync();
        await server.StoreAsync(Instances.File(Files.Spec("1.1")));
        using var rle = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", $"application/dicom; transfer-syntax={Rle}"));
        using var stored = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", "application/dicom; transfer-syntax=*"));
        Assert.NotEqual(stored.Headers.ETag, rle.Headers.ETag);
        using var again = await server.GetAsync(Files.InstanceUrl("1.1"), ("Accept", $"application/dicom; transfer-syntax={Rle}"), ("If-None-Match", rle.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    // RLE needs no worker.
    private static async Task<(byte[] File, byte[][] Native)> CompressedAsync(WireServer server, int frames, string sop = "1.1")
    {
        var file = Instances.File(Files.Spec(sop) with { Frames = frames });
        var native = await PixelsAsync(file);
        await using var other = await WireServer.BorrowAsync();
        await other.StoreAsync(file);
        return (await other.BytesAsync(Files.InstanceUrl(sop), ("Accept", $"application/dicom; transfer-syntax={Rle}")), [.. native.Chunk(native.Length / frames)]);
    }

    private static async Task<byte[]> PixelsAsync(byte[] file)
    {
        var reader = await DicomReader.ReadAsync(new MemorySource(file), new DicomReadOptions { KeepPixelData = long.MaxValue });
        var pixels = ImagePixels.Of(reader.DataSet);
        return reader.DataSet[DicomTags.PixelData]!.Value[..(int)(pixels.FrameLength * pixels.Frames)].ToArray();
    }
}

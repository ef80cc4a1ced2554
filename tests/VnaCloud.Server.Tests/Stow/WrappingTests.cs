using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>Documents, pictures and videos with little metadata become whole instances.</summary>
public sealed class WrappingTests
{
    private const string Storage = "1.2.840.10008.5.1.4.1.1";
    private const string PixelData = "7FE00010";
    private static readonly byte[] Pdf = Encoding.ASCII.GetBytes("%PDF-1.4\nx\n");

    private static JsonObject Patient => new JsonObject().With("00100010", "PN", new JsonObject { ["Alphabetic"] = "Doe^Jane" }).With("00100020", "LO", "4711");

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Pdf_WithAPatientOnly_IsAnEncapsulatedDocument()
    {
        await using var server = await WireServer.BorrowAsync();
        var (read, url) = await WrapAsync(server, Patient.Named("00420011", "OB", "doc"), ("doc", "application/pdf", Pdf));
        var data = read.DataSet;
        Assert.Equal($"{Storage}.104.1", data.String(DicomTags.SOPClassUID));
        Assert.Equal("DOC", data.String(DicomTags.Modality));
        Assert.Equal("application/pdf", data.String(DicomTags.MIMETypeOfEncapsulatedDocument));
        Assert.Equal(Pdf.Length, data.Integer(DicomTags.EncapsulatedDocumentLength));
        foreach (var tag in new[] { DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID, DicomTags.SOPInstanceUID })
        {
            Assert.StartsWith("2.25.", data.String(tag), StringComparison.Ordinal);
            Assert.True(DicomUid.IsValid(data.String(tag)));
        }
        Assert.NotNull(data[DicomTags.DocumentTitle]);
        Assert.Empty(data[DicomTags.ConceptNameCodeSequence]!.Items!);
        Assert.Equal("Doe^Jane", data.String(DicomTags.PatientName));
        Assert.Equal(Pdf, await server.BytesAsync($"{url}/bulkdata/00420011", ("Accept", "application/pdf")));
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Files_OfOneRequest_ShareStudyAndSeries_AndKeepWhatTheSenderSaid()
    {
        await using var server = await WireServer.BorrowAsync();
        JsonObject Named(string uri) => Patient.Named("00420011", "OB", uri);
        var body = new MetadataBody().Metadata(Named("a"), Named("b"), Named("c").With("00080060", "CS", "SR").With("00420010", "ST", "Letter"), Named("d").With("00080016", "UI", $"{Storage}.104.2"))
            .Bulk("a", "application/pdf", Pdf).Bulk("b", "application/pdf", Pdf).Bulk("c", "application/pdf", Pdf).Bulk("d", "application/pdf", Pdf);
        using var response = await body.PostAsync(server, "studies/1.2.3.4");
        var items = (await WireServer.AnswerAsync(response, HttpStatusCode.OK)).Items(StowJson.Referenced);
        var all = await server.MetadataAsync("studies/1.2.3.4");
        Assert.Equal(4, items.Count);
        Assert.Equal(4, all.Select(item => item.Text("00080018")).Distinct().Count());
        Assert.Equal(3, all.Select(item => item.Text("0020000E")).Distinct().Count()); // DOC, SR, and none
        var letter = all.Single(item => item.Text("00420010") == "Letter");
        Assert.Equal(("SR", "3"), (letter.Text("00080060"), letter.Text("00200013")));
        // With a SOP class the sender answers for the IOD.
        var named = all.Single(item => item.Text("00080016") == $"{Storage}.104.2");
        Assert.Null(named!["00080060"]);
        Assert.Equal("application/pdf", named.Text("00420012"));
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("model/stl", "104.3")]
    [InlineData("model/obj", "104.4")]
    [InlineData("model/mtl", "104.5")]
    public async Task Model_IsAnEncapsulatedModel(string type, string sopClass)
    {
        await using var server = await WireServer.BorrowAsync();
        var (read, url) = await WrapAsync(server, Patient.Named("00420011", "OB", "doc"), ("doc", type, "solid x"u8.ToArray()));
        Assert.Equal(($"{Storage}.{sopClass}", "M3D"), (read.DataSet.String(DicomTags.SOPClassUID), read.DataSet.String(DicomTags.Modality)));
        Assert.Equal("solid x"u8.ToArray(), await server.BytesAsync($"{url}/bulkdata/00420011", ("Accept", type)));
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Jpeg_IsAPhotographAsItsHeaderSays()
    {
        await using var server = await WireServer.BorrowAsync();
        var jpeg = Jpeg(0xC0, 8, 30, 40, [(1, 0x22), (2, 0x11), (3, 0x11)]);
        var (read, url) = await WrapAsync(server, Patient.Named(PixelData, "OB", "p"), ("p", "image/jpeg", jpeg));
        Assert.Equal("1.2.840.10008.1.2.4.50", read.TransferSyntax.Uid);
        AssertImage(read.DataSet, $"{Storage}.77.1.4", "XC", "YBR_FULL_422", 30, 40, 3, 8);
        Assert.Equal(("01", "ISO_10918_1"), (read.DataSet.String(DicomTags.LossyImageCompression), read.DataSet.String(DicomTags.LossyImageCompressionMethod)));
        Assert.Equal(jpeg, (await server.BytesAsync($"{url}/frames/1", ("Accept", "image/jpeg"))).AsSpan(0, jpeg.Length).ToArray());
    }

    public static TheoryData<string, byte[], string, string> Jpegs() => new()
    {
        { "image/jpeg", Jpeg(0xC1, 12, 3, 5, [(1, 0x11)]), "4.51", "MONOCHROME2" },
        { "image/jpeg", Jpeg(0xC3, 16, 3, 5, [(1, 0x11)], selection: 1), "4.70", "MONOCHROME2" },
        { "image/jpeg", Jpeg(0xC3, 8, 3, 5, [(1, 0x11)], selection: 4), "4.57", "MONOCHROME2" },
        { "image/jpeg", Jpeg(0xC0, 8, 3, 5, [(82, 0x11), (71, 0x11), (66, 0x11)]), "4.50", "RGB" },
        { "image/jpeg", Jpeg(0xC0, 8, 3, 5, [(1, 0x11), (2, 0x11), (3, 0x11)], adobe: 0), "4.50", "RGB" },
        { "image/jpeg", Jpeg(0xC0, 8, 3, 5, [(1, 0x11), (2, 0x11), (3, 0x11)], adobe: 1), "4.50", "YBR_FULL" },
        { "image/jls", Jpeg(0xF7, 8, 3, 5, [(1, 0x11), (2, 0x11), (3, 0x11)]), "4.80", "RGB" },
        { "image/jls", Jpeg(0xF7, 12, 3, 5, [(1, 0x11)], selection: 2), "4.81", "MONOCHROME2" },
        { "image/jp2", Codestream(reversible: true, transformed: true, components: 3, highThroughput: false), "4.90", "YBR_RCT" },
        { "image/jp2", Codestream(reversible: false, transformed: true, components: 3, highThroughput: false), "4.91", "YBR_ICT" },
        { "image/jp2", Codestream(reversible: true, transformed: false, components: 1, highThroughput: false), "4.90", "MONOCHROME2" },
        { "image/jphc", Codestream(reversible: true, transformed: false, components: 3, highThroughput: true), "4.201", "RGB" },
        { "image/jphc", Codestream(reversible: false, transformed: false, components: 1, highThroughput: true), "4.203", "MONOCHROME2" },
    };

    [Theory]
    [MemberData(nameof(Jpegs))]
    [Trait("dicomweb", "62")]
    public async Task Picture_Compressed_SaysItsSyntaxAndColour(string type, byte[] picture, string syntax, string photometric)
    {
        await using var server = await WireServer.BorrowAsync();
        var (read, _) = await WrapAsync(server, Patient.Named(PixelData, "OB", "p"), ("p", type, picture));
        Assert.Equal($"1.2.840.10008.1.2.{syntax}", read.TransferSyntax.Uid);
        Assert.Equal(photometric, read.DataSet.String(DicomTags.PhotometricInterpretation));
        Assert.Equal((3, 5), (read.DataSet.Integer(DicomTags.Rows), read.DataSet.Integer(DicomTags.Columns)));
        Assert.Equal(read.TransferSyntax.IsLossy ? "01" : "00", read.DataSet.String(DicomTags.LossyImageCompression));
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Jp2File_GivesItsCodestreamOnly()
    {
        await using var server = await WireServer.BorrowAsync();
        var codestream = Codestream(reversible: true, transformed: false, components: 1, highThroughput: false);
        byte[] file = [.. Mp4File.Box("jP  ", [0x0D, 0x0A, 0x87, 0x0A]), .. Mp4File.Box("ftyp", "jp2 \0\0\0\0jp2 "u8), .. Mp4File.Box("jp2c", codestream)];
        var (read, _) = await WrapAsync(server, Patient.Named(PixelData, "OB", "p"), ("p", "image/jp2", file));
        Assert.Equal(codestream, Assert.Single(read.DataSet[DicomTags.PixelData]!.Fragments!.Values!).ToArray().AsSpan(0, codestream.Length).ToArray());
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData(0, 1, "7.2", "MONOCHROME2")]
    [InlineData(0, 16, "7.3", "MONOCHROME2")]
    [InlineData(2, 8, "7.4", "RGB")]
    public async Task Pictures_OfOneInstance_AreAMultiFrameSecondaryCapture(int colour, int depth, string sopClass, string photometric)
    {
        await using var server = await WireServer.BorrowAsync();
        var png = new PngFile(4, 2, depth, colour);
        var picture = png.ToArray(Files.Pattern(png.RowBytes * 2, 1));
        var (read, _) = await WrapAsync(server, Patient.Named(PixelData, "OB", "p"), ("p", "image/png", picture), ("p", "image/png", picture), ("p", "image/png", picture));
        AssertImage(read.DataSet, $"{Storage}.{sopClass}", "OT", photometric, 2, 4, colour == 2 ? 3 : 1, depth == 16 ? 16 : 8);
        Assert.Equal("3", read.DataSet.String(DicomTags.NumberOfFrames));
        Assert.Equal("00182001", read.DataSet.String(DicomTags.FrameIncrementPointer));
        Assert.Equal(3 * 8 * (colour == 2 ? 3 : 1) * (depth == 16 ? 2 : 1), read.DataSet[DicomTags.PixelData]!.Length);
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("ES", 8, "77.1.1")]
    [InlineData("GM", 8, "77.1.2")]
    [InlineData("DX", 8, "7")]
    [InlineData("", 16, "7")]
    public async Task Picture_Class_FollowsModalityAndDepth(string modality, int depth, string sopClass)
    {
        await using var server = await WireServer.BorrowAsync();
        var png = new PngFile(3, 2, depth, 0);
        var json = modality.Length > 0 ? Patient.With("00080060", "CS", modality) : Patient;
        var (read, _) = await WrapAsync(server, json.Named(PixelData, "OB", "p"), ("p", "image/png", png.ToArray(Files.Pattern(png.RowBytes * 2, 1))));
        Assert.Equal(($"{Storage}.{sopClass}", modality.Length > 0 ? modality : "OT"), (read.DataSet.String(DicomTags.SOPClassUID), read.DataSet.String(DicomTags.Modality)));
    }

    public static TheoryData<byte[], string, int, string> Videos() => new()
    {
        { Mp4File.Avc(100, 0, 41).ToArray(), "102", 8, "ISO_14496_10" },
        { Mp4File.Avc(77, 0x40, 31).ToArray(), "102", 8, "ISO_14496_10" },
        { Mp4File.Avc(66, 0xC0, 30).ToArray(), "102", 8, "ISO_14496_10" },
        { Mp4File.Avc(100, 0, 42).ToArray(), "104", 8, "ISO_14496_10" },
        { Mp4File.Hevc(1, 153, 8).ToArray(), "107", 8, "ISO_23008_2" },
        { Mp4File.Hevc(2, 120, 10).ToArray(), "108", 10, "ISO_23008_2" },
    };

    [Theory]
    [MemberData(nameof(Videos))]
    [Trait("dicomweb", "62")]
    public async Task Video_IsAVideoPhotographAsItsBoxesSay(byte[] video, string syntax, int bits, string method)
    {
        await using var server = await WireServer.BorrowAsync();
        var (read, url) = await WrapAsync(server, Patient.Named(PixelData, "OB", "v"), ("v", "video/mp4", video));
        Assert.Equal($"1.2.840.10008.1.2.4.{syntax}", read.TransferSyntax.Uid);
        AssertImage(read.DataSet, $"{Storage}.77.1.4.1", "XC", "YBR_PARTIAL_420", 480, 640, 3, bits);
        Assert.Equal(("50", "40", "25", "00181063"), (read.DataSet.String(DicomTags.NumberOfFrames), read.DataSet.String(DicomTags.FrameTime), read.DataSet.String(DicomTags.CineRate), read.DataSet.String(DicomTags.FrameIncrementPointer)));
        Assert.Equal(method, read.DataSet.String(DicomTags.LossyImageCompressionMethod));
        Assert.Equal(video, (await server.BytesAsync($"{url}/bulkdata/7FE00010", ("Accept", "video/mp4"))).AsSpan(0, video.Length).ToArray());
    }

    public static TheoryData<string, string, byte[], int> Refusals() => new()
    {
        { "not a PDF", "application/pdf", "MZ"u8.ToArray(), 0xC000 },
        { "not a JPEG", "image/jpeg", [1, 2, 3], 0xC000 },
        { "a JPEG that ends", "image/jpeg", [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8], 0xC000 },
        { "a progressive JPEG", "image/jpeg", Jpeg(0xC2, 8, 3, 5, [(1, 0x11)]), 0xC000 },
        { "a JPEG of inks", "image/jpeg", Jpeg(0xC0, 8, 3, 5, [(1, 0x11), (2, 0x11), (3, 0x11), (4, 0x11)]), 0xC000 },
        { "a JPEG without height", "image/jpeg", Jpeg(0xC0, 8, 0, 5, [(1, 0x11)]), 0xC000 },
        { "RLE, which says nothing", "image/dicom-rle", new byte[64], 0xC000 },
        { "not a PNG", "image/png", [1, 2, 3], 0xC000 },
        { "a PNG interlaced as none is", "image/png", new PngFile(4, 4, 8, 0) { Interlace = 2 }.ToArray(new byte[16]), 0xC000 },
        { "a PNG without palette", "image/png", new PngFile(4, 4, 8, 3).ToArray(new byte[16]), 0xC000 },
        { "a PNG of other colours than its palette's", "image/png", new PngFile(4, 4, 8, 3) { Palette = [1, 2, 3] }.ToArray([.. Enumerable.Repeat((byte)9, 16)]), 0xC000 },
        { "a PNG with fewer pixels", "image/png", new PngFile(4, 4, 8, 0).ToArray(new byte[16])[..^40], 0xC000 },
        { "a PNG bomb", "image/png", new PngFile(60_000, 60_000, 8, 0).Header(), 0xA700 },
        { "a video without boxes", "video/mp4", new byte[100], 0xC000 },
        { "a box longer than its file", "video/mp4", [.. Mp4File.Box("ftyp", new byte[8]), 0x7F, 0xFF, 0xFF, 0xFF, .. "moov"u8], 0xC000 },
        { "a video of another codec", "video/mp4", (Mp4File.Avc(100, 0, 41) with { Codec = "vp09" }).ToArray(), 0xC000 },
        { "H.264 of a higher level", "video/mp4", Mp4File.Avc(100, 0, 51).ToArray(), 0xC000 },
        { "H.264 of another profile", "video/mp4", Mp4File.Avc(110, 0, 41).ToArray(), 0xC000 },
        { "H.265 of another profile", "video/mp4", Mp4File.Hevc(4, 120, 8).ToArray(), 0xC000 },
        { "a video that does not count its frames", "video/mp4", (Mp4File.Avc(100, 0, 41) with { Frames = 0 }).ToArray(), 0xC000 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    [Trait("dicomweb", "62")]
    public async Task File_ThatIsNotWhatItsTypeSays_FailsWithTheReason(string what, string type, byte[] bytes, int reason)
    {
        await using var server = await WireServer.BorrowAsync();
        var body = new MetadataBody().Metadata(Patient.Named(type == "application/pdf" ? "00420011" : PixelData, "OB", "p")).Bulk("p", type, bytes);
        using var response = await body.PostAsync(server);
        var failed = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.Conflict)).Items(StowJson.Other));
        Assert.True(failed.Reason() == reason, $"{what}: {failed}");
        Assert.True(failed.Text("00000902")!.Length > 20, what);
        Assert.Empty(await server.ObjectsAsync("*.tar"));
    }

    public static TheoryData<int, int> PngKinds() => new()
    {
        { 0, 1 }, { 0, 2 }, { 0, 4 }, { 0, 8 }, { 0, 16 }, { 2, 8 }, { 2, 16 }, { 3, 1 }, { 3, 2 }, { 3, 4 }, { 3, 8 }, { 4, 8 }, { 4, 16 }, { 6, 8 }, { 6, 16 },
    };

    [Theory]
    [MemberData(nameof(PngKinds))]
    [Trait("dicomweb", "62")]
    public async Task Png_OfEveryKind_IsDecodedToItsPixels(int colour, int depth)
    {
        await using var server = await WireServer.BorrowAsync();
        const int columns = 13, rows = 11;
        var png = new PngFile(columns, rows, depth, colour) { Palette = colour == 3 ? Files.Pattern(3 << depth, 9) : [] };
        var packed = Files.Pattern(png.RowBytes * rows, depth);
        var (read, _) = await WrapAsync(server, Patient.Named(PixelData, "OB", "p"), ("p", "image/png", png.ToArray(packed)));
        var expected = new List<byte>();
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                expected.AddRange(Pixel(png, packed.AsSpan(row * png.RowBytes, png.RowBytes), column));
            }
        }
        Assert.Equal(expected, read.DataSet[DicomTags.PixelData]!.Value.ToArray().Take(expected.Count));
        Assert.Equal((expected.Count + 1) / 2 * 2, read.DataSet[DicomTags.PixelData]!.Length);
        AssertImage(read.DataSet, depth == 16 ? $"{Storage}.7" : $"{Storage}.77.1.4", depth == 16 ? "OT" : "XC", colour is 0 or 4 ? "MONOCHROME2" : "RGB", rows, columns, colour is 0 or 4 ? 1 : 3, depth == 16 ? 16 : 8);
    }

    private static byte[] Pixel(PngFile png, ReadOnlySpan<byte> row, int column)
    {
        int Sample(ReadOnlySpan<byte> bytes, int index) => png.Depth == 16 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * index)..])
            : bytes[index * png.Depth / 8] >> (8 - png.Depth - (index * png.Depth % 8)) & ((1 << png.Depth) - 1);
        var channels = png.Colour switch { 0 or 3 => 1, 4 => 2, 2 => 3, _ => 4 };
        if (png.Colour == 3)
        {
            return png.Palette.AsSpan(3 * Sample(row, column), 3).ToArray();
        }
        var kept = new List<byte>();
        for (var i = 0; i < (channels > 2 ? 3 : 1); i++)
        {
            var sample = Sample(row, (column * channels) + i);
            kept.AddRange(png.Depth == 16 ? [(byte)sample, (byte)(sample >> 8)] : [(byte)(sample * 255 / ((1 << png.Depth) - 1))]);
        }
        return [.. kept];
    }

    private static void AssertImage(DicomDataSet data, string sopClass, string modality, string photometric, int rows, int columns, int samples, int bits) => Assert.Equal(
        (sopClass, modality, photometric, rows, columns, samples, bits > 8 ? 16 : 8, bits, bits - 1, 0),
        (data.String(DicomTags.SOPClassUID), data.String(DicomTags.Modality), data.String(DicomTags.PhotometricInterpretation),
            (int)data.Integer(DicomTags.Rows)!, (int)data.Integer(DicomTags.Columns)!, (int)data.Integer(DicomTags.SamplesPerPixel)!,
            (int)data.Integer(DicomTags.BitsAllocated)!, (int)data.Integer(DicomTags.BitsStored)!, (int)data.Integer(DicomTags.HighBit)!, (int)data.Integer(DicomTags.PixelRepresentation)!));

    private static async Task<(DicomReader Read, string Url)> WrapAsync(WireServer server, JsonObject json, params (string Location, string Type, byte[] Bytes)[] bulk)
    {
        var body = new MetadataBody().Metadata(json);
        foreach (var (location, type, bytes) in bulk)
        {
            body.Bulk(location, type, bytes);
        }
        using var response = await body.PostAsync(server);
        var stored = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.OK)).Items(StowJson.Referenced));
        var url = new Uri(stored.Text(StowJson.RetrieveUrl)!).AbsolutePath;
        var file = await server.BytesAsync(url, ("Accept", "application/dicom; transfer-syntax=*"));
        return (await DicomReader.ReadAsync(new MemorySource(file), new DicomReadOptions { KeepPixelData = long.MaxValue }), url);
    }

    private static byte[] Jpeg(int frame, int bits, int rows, int columns, (int Id, int Sampling)[] components, int selection = 0, int adobe = -1)
    {
        List<byte> bytes = [0xFF, 0xD8];
        if (adobe >= 0)
        {
            bytes.AddRange([0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)adobe]);
        }
        bytes.AddRange([0xFF, (byte)frame, 0, (byte)(8 + (3 * components.Length)), (byte)bits, (byte)(rows >> 8), (byte)rows, (byte)(columns >> 8), (byte)columns, (byte)components.Length]);
        foreach (var (id, sampling) in components)
        {
            bytes.AddRange([(byte)id, (byte)sampling, 0]);
        }
        bytes.AddRange([0xFF, 0xDA, 0, (byte)(6 + (2 * components.Length)), (byte)components.Length, .. new byte[2 * components.Length], (byte)selection, 0, 0, 0xFF, 0xD9]);
        return [.. bytes];
    }

    private static byte[] Codestream(bool reversible, bool transformed, int components, bool highThroughput)
    {
        var size = new byte[38 + (3 * components)];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)size.Length);
        BinaryPrimitives.WriteInt32BigEndian(size.AsSpan(4), 5 + 2);
        BinaryPrimitives.WriteInt32BigEndian(size.AsSpan(8), 3 + 1);
        BinaryPrimitives.WriteInt32BigEndian(size.AsSpan(12), 2);
        BinaryPrimitives.WriteInt32BigEndian(size.AsSpan(16), 1);
        (size[37], size[38]) = ((byte)components, 7);
        byte[] style = [0, 12, 0, 0, 0, 1, (byte)(transformed ? 1 : 0), 5, 4, 4, 0, (byte)(reversible ? 1 : 0)];
        byte[] capabilities = highThroughput ? [0xFF, 0x50, 0, 8, 0, 2, 0, 0, 0, 0] : [];
        return [0xFF, 0x4F, 0xFF, 0x51, .. size, .. capabilities, 0xFF, 0x52, .. style, 0xFF, 0x90, 0, 10, 0xFF, 0xD9];
    }
}

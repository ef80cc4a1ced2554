using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using VnaCloud.Dicom;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Stow;

/// <summary>Pictures and documents that DCMTK made, wrapped here, held against what DCMTK makes of them.</summary>
public sealed class WrappingOracleTests : IDisposable
{
    private const string PixelData = "7FE00010";
    private readonly string _folder = Directory.CreateTempSubdirectory("vnacloud-wrap-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("pydicom-ct_small.dcm", "+on2", "+opw", 16)]
    [InlineData("pydicom-ct_small.dcm", "-il +on", "+opb", 8)]
    [InlineData("dtf-sc_rgb_small_odd.dcm", "-il +on", "+opb", 8)]
    [InlineData("pydicom-ct_small.dcm", "+on", "+opb", 8)]
    [InlineData("dtf-sc_rgb_small_odd.dcm", "+on", "+opb", 8)]
    [InlineData("cs3d-us-ybr_full_422-evrle.dcm", "+on", "+opb", 8)]
    public async Task Png_OfDcmtk_HasThePixelsThatDcmtkWritesAsText(string name, string png, string text, int bits)
    {
        var source = await SourceAsync(name, "dcm2pnm");
        // Interlaced unless told otherwise, with all of the filters.
        await RunAsync("dcm2pnm", [.. png.Split(' '), source, PathOf("x.png")]);
        await RunAsync("dcm2pnm", text, source, PathOf("x.pnm"));
        await using var server = await WireServer.BorrowAsync();
        var read = await WrapAsync(server, PixelData, "image/png", await File.ReadAllBytesAsync(PathOf("x.png")));
        var expected = Samples(await File.ReadAllTextAsync(PathOf("x.pnm")));
        var value = read.DataSet[DicomTags.PixelData]!.Value.ToArray();
        var actual = bits == 16 ? Enumerable.Range(0, expected.Count).Select(i => value[2 * i] | (value[(2 * i) + 1] << 8)) : value.Take(expected.Count).Select(sample => (int)sample);
        Assert.Equal(expected, actual);
        Assert.InRange(expected.Distinct().Count(), 5, int.MaxValue);
        await AssertReadableAsync("dcm2pnm");
    }

    [Theory]
    [Trait("dicomweb", "62")]
    [InlineData("pydicom-ct_small.dcm")]
    [InlineData("dtf-sc_rgb_small_odd.dcm")]
    [InlineData("cs3d-us-ybr_full_422-evrle.dcm")]
    public async Task Jpeg_OfDcmtk_IsDescribedAsImg2dcmDescribesIt(string name)
    {
        var source = await SourceAsync(name, "dcmj2pnm");
        await RunAsync("dcmj2pnm", "+oj", source, PathOf("x.jpg"));
        await RunAsync("img2dcm", PathOf("x.jpg"), PathOf("theirs.dcm"));
        await using var server = await WireServer.BorrowAsync();
        var read = await WrapAsync(server, PixelData, "image/jpeg", await File.ReadAllBytesAsync(PathOf("x.jpg")));
        var theirs = await DicomReader.ReadAsync(new MemorySource(await File.ReadAllBytesAsync(PathOf("theirs.dcm"))));
        Assert.Equal(theirs.TransferSyntax, read.TransferSyntax);
        foreach (var element in theirs.DataSet.Where(element => element.Tag.Group == 0x0028 && element.Tag != DicomTags.LossyImageCompressionRatio && element.Tag != DicomTags.PhotometricInterpretation))
        {
            Assert.Equal(theirs.DataSet.Strings(element.Tag), read.DataSet.Strings(element.Tag));
        }
        await RunAsync("dcmj2pnm", "+op", PathOf("theirs.dcm"), PathOf("theirs.pnm"));
        await RunAsync("dcmj2pnm", "+op", PathOf("ours.dcm"), PathOf("ours.pnm"));
        Assert.Equal(await File.ReadAllBytesAsync(PathOf("theirs.pnm")), await File.ReadAllBytesAsync(PathOf("ours.pnm")));
        await AssertReadableAsync("dcmj2pnm");
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Video_OfTheCorpus_IsDescribedAsItsInstanceDoes()
    {
        var bytes = await File.ReadAllBytesAsync(await SourceAsync("gen-video-h264-hp42-2d.dcm", "dcmdump"));
        var expected = await DicomReader.ReadAsync(new MemorySource(bytes), new DicomReadOptions { KeepPixelData = long.MaxValue });
        await using var server = await WireServer.BorrowAsync();
        var read = await WrapAsync(server, PixelData, "video/mp4", Assert.Single(expected.DataSet[DicomTags.PixelData]!.Fragments!.Values!).ToArray());
        Assert.Equal(expected.TransferSyntax, read.TransferSyntax);
        foreach (var tag in new[] { DicomTags.Rows, DicomTags.Columns, DicomTags.NumberOfFrames, DicomTags.CineRate, DicomTags.PhotometricInterpretation, DicomTags.SamplesPerPixel, DicomTags.BitsStored, DicomTags.FrameIncrementPointer })
        {
            Assert.Equal(expected.DataSet.String(tag), read.DataSet.String(tag));
        }
        Assert.Equal(double.Parse(expected.DataSet.String(DicomTags.FrameTime), CultureInfo.InvariantCulture), double.Parse(read.DataSet.String(DicomTags.FrameTime), CultureInfo.InvariantCulture), 3);
        await AssertReadableAsync("dcmdump");
    }

    [Fact]
    [Trait("dicomweb", "62")]
    public async Task Pdf_OfTheCorpus_HasWhatPdf2dcmGivesIt()
    {
        var source = await DicomReader.ReadAsync(new MemorySource(await File.ReadAllBytesAsync(await SourceAsync("dcmjsdimse-pdf.dcm", "pdf2dcm"))));
        var pdf = source.DataSet[DicomTags.EncapsulatedDocument]!.Value.ToArray();
        await File.WriteAllBytesAsync(PathOf("x.pdf"), pdf);
        await RunAsync("pdf2dcm", PathOf("x.pdf"), PathOf("theirs.dcm"));
        await using var server = await WireServer.BorrowAsync();
        var read = await WrapAsync(server, "00420011", "application/pdf", pdf);
        var theirs = await DicomReader.ReadAsync(new MemorySource(await File.ReadAllBytesAsync(PathOf("theirs.dcm"))));
        Assert.Equal(pdf, read.DataSet[DicomTags.EncapsulatedDocument]!.Value.ToArray());
        Assert.Equal(theirs.DataSet.String(DicomTags.SOPClassUID), read.DataSet.String(DicomTags.SOPClassUID));
        // Everything that pdf2dcm thinks of is there, but for when and by what it was made.
        DicomTag[] creation = [DicomTags.InstanceCreationDate, DicomTags.InstanceCreationTime, DicomTags.InstanceCreatorUID];
        Assert.Equal([], theirs.DataSet.Select(element => element.Tag).Where(tag => read.DataSet[tag] is null).Except(creation));
        await AssertReadableAsync("dcmdump");
    }

    // The file reads without a word in DCMTK and pydicom.
    private async Task AssertReadableAsync(string decoder)
    {
        var (_, complaints) = await RunAsync("dcmdump", "-q", PathOf("ours.dcm"));
        Assert.Equal("", complaints);
        if (decoder != "dcmdump")
        {
            await RunAsync(decoder, "+op", PathOf("ours.dcm"), PathOf("again.pnm"));
        }
        if (File.Exists("/usr/bin/python3"))
        {
            var script = $"import sys\ntry:\n import pydicom\nexcept ImportError:\n sys.exit(0)\nimport warnings; warnings.simplefilter('error')\nd = pydicom.dcmread(r'{PathOf("ours.dcm")}'); str(d); assert d.file_meta.MediaStorageSOPInstanceUID == d.SOPInstanceUID";
            await RunAsync("/usr/bin/python3", "-c", script);
        }
    }

    private async Task<DicomReader> WrapAsync(WireServer server, string tag, string type, byte[] bytes)
    {
        var json = new JsonObject().With("00100010", "PN", new JsonObject { ["Alphabetic"] = "Doe^Jane" }).Named(tag, "OB", "p");
        using var response = await new MetadataBody().Metadata(json).Bulk("p", type, bytes).PostAsync(server);
        var stored = Assert.Single((await WireServer.AnswerAsync(response, HttpStatusCode.OK)).Items(StowJson.Referenced));
        var file = await server.BytesAsync(new Uri(stored.Text(StowJson.RetrieveUrl)!).AbsolutePath, ("Accept", "application/dicom; transfer-syntax=*"));
        await File.WriteAllBytesAsync(PathOf("ours.dcm"), file);
        return await DicomReader.ReadAsync(new MemorySource(file), new DicomReadOptions { KeepPixelData = long.MaxValue });
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private static async Task<string> SourceAsync(string name, string tool)
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        Assert.SkipWhen(Stack.IsBalanced, "once is enough: what is read out of a file does not depend on where it is stored");
        try
        {
            await RunAsync(tool, "--version");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"no {tool} on the path: install DCMTK");
        }
        return TestCorpus.Valid.Single(file => file.Name == name).Path;
    }

    private static async Task<(string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await errors}");
        return (text, await errors);
    }

    // P2 and P3: a magic, comments, width, height, maximum, samples.
    private static List<int> Samples(string pnm) =>
        [.. pnm.Split('\n').Where(line => !line.StartsWith('#')).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Skip(4).Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
}

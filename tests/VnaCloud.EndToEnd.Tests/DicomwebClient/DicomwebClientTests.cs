using System.Text.Json;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.DicomwebClient;

/// <summary>The npm package dicomweb-client, as viewers use it, against the running server.</summary>
public sealed class DicomwebClientTests
{
    private const string Study = "1.2.826.0.1.3680043.10.7.100";
    private const string Series = Study + ".1";
    private const int Frames = 5;

    private static readonly DicomTag PrivateCreator = new(0x0009_0010);
    private static readonly DicomTag PrivateValue = new(0x0009_1001);

    [Fact]
    public async Task Client_StoresAndReadsBack_SameBytes()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var scripts = Path.Combine(AppContext.BaseDirectory, "DicomwebClient");
        var missing = await NodeScripts.InstallAsync(scripts, "dicomweb-client", cancellation);
        Assert.SkipWhen(missing is not null, missing ?? "");
        await using var server = await ServerProcess.StartAsync();
        var folder = Directory.CreateTempSubdirectory("vnacloud-files-");
        try
        {
            await WriteFilesAsync(folder.FullName, cancellation);
            var (exitCode, output, errors) = await NodeScripts.RunAsync("node", scripts, cancellation, "roundtrip.mjs", $"{server.BaseUrl}dicom-web", folder.FullName);
            Assert.True(exitCode == 0, errors);
            using var result = JsonDocument.Parse(output);
            Assert.Equal(5, result.RootElement.GetProperty("stored").GetInt32());
            Assert.Equal(1, result.RootElement.GetProperty("studies").GetInt32());
            Assert.Equal(5, result.RootElement.GetProperty("instances").GetInt32());
            Assert.Equal(Frames, result.RootElement.GetProperty("frames").GetInt32());
            Assert.Equal(20_000, result.RootElement.GetProperty("bulkBytes").GetInt32());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Three slices, one object of several frames, one with a private value too large for the metadata.
    private static async Task WriteFilesAsync(string folder, CancellationToken cancellation)
    {
        for (var i = 1; i <= 3; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"slice{i}.dcm"), Instances.Ct(Study, Series, $"{Series}.{i}", i), cancellation);
        }
        var multiFrame = new InstanceSpec(Study, Series, Series + ".4") { Frames = Frames, Rows = 32, Columns = 24, InstanceNumber = 4 };
        var multiFrameData = Instances.DataSet(multiFrame);
        await File.WriteAllBytesAsync(Path.Combine(folder, "frames.dcm"), Instances.File(multiFrame, multiFrameData), cancellation);
        var bulky = new InstanceSpec(Study, Series, Series + ".5") { InstanceNumber = 5 };
        var bulk = new byte[20_000];
        new Random(7).NextBytes(bulk);
        var bulkyData = Instances.DataSet(bulky).Set(PrivateCreator, DicomVr.LO, "VNACLOUD TEST").Set(new DicomElement(PrivateValue, DicomVr.OB, bulk));
        await File.WriteAllBytesAsync(Path.Combine(folder, "bulk.dcm"), Instances.File(bulky, bulkyData), cancellation);

        var pixels = multiFrameData[DicomTags.PixelData]!.Value;
        var frameLength = pixels.Length / Frames;
        await File.WriteAllTextAsync(Path.Combine(folder, "expected.json"), JsonSerializer.Serialize(new
        {
            study = Study,
            series = Series,
            patientId = multiFrame.PatientId,
            instances = Enumerable.Range(1, 5).Select(i => $"{Series}.{i}"),
            multiFrame = multiFrame.Sop,
            multiFrameFile = "frames.dcm",
            frames = Enumerable.Range(0, Frames).Select(i => Convert.ToBase64String(pixels.Span.Slice(i * frameLength, frameLength))),
            bulkInstance = bulky.Sop,
            bulkTag = PrivateValue.ToHex(),
            bulk = Convert.ToBase64String(bulk),
        }), cancellation);
    }
}

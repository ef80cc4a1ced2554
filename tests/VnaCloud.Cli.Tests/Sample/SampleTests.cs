using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.Dicom;

namespace VnaCloud.Cli.Tests.Sample;

public class SampleTests
{
    [Fact]
    public async Task Sample_Twice_WritesTheSameFiles()
    {
        using var folder = new TestFolder();
        await Vna.OkAsync("sample", folder.In("a"));
        await Vna.OkAsync("sample", folder.In("b"));
        var names = Directory.GetFiles(folder.In("a")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"ct-{i:000}.dcm"), names);
        foreach (var name in names)
        {
            Assert.Equal(await File.ReadAllBytesAsync(folder.In("a", name!)), await File.ReadAllBytesAsync(folder.In("b", name!)));
        }
    }

    [Fact]
    public async Task Sample_Slice_IsReadWithoutWarnings()
    {
        using var folder = new TestFolder();
        await Vna.OkAsync("sample", folder.Path, "--slices", "1");
        var reader = await DicomReader.ReadAsync(new MemorySource(await File.ReadAllBytesAsync(folder.In("ct-001.dcm"))));
        Assert.Equal(DicomReadWarnings.None, reader.Warnings);
        Assert.Equal("Müller-Lefèvre^José", reader.DataSet.String(DicomTags.PatientName));
        Assert.True(DicomUid.IsValid(reader.DataSet.String(DicomTags.SOPInstanceUID)));
        Assert.Equal("VNACLOUD SAMPLE", reader.DataSet.PrivateCreatorOf(new DicomTag(0x0019_1001)));
    }

    [Fact]
    public async Task Sample_PostedToAServer_Is200AndComesBackByteForByte()
    {
        using var folder = new TestFolder();
        await Vna.OkAsync("sample", folder.In("in"), "--slices", "3");
        await using var server = await ServerProcess.StartAsync(folder.In("data"));
        using var client = new HttpClient { BaseAddress = server.Address };
        foreach (var path in Directory.GetFiles(folder.In("in")))
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(path));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            using var answer = await client.PostAsync("dicom-web/studies", content);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode); // 202 would be a warning
        }
        await Vna.OkAsync("export", "--data", folder.In("data"), "--out", folder.In("out"));
        static HashSet<string> Hashes(string at) =>
            [.. Directory.GetFiles(at, "*.dcm", SearchOption.AllDirectories).Select(path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))))];
        Assert.Equal(Hashes(folder.In("in")), Hashes(folder.In("out")));
    }
}

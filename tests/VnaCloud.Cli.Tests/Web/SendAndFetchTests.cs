using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Web;

public class SendAndFetchTests
{
    [Fact]
    public async Task Files_SentAndFetched_HaveTheSameBytes()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.In("in"));
        var files = Enumerable.Range(1, 7).ToDictionary(i => $"1.2.3.1.{i}", i => Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{i}", i));
        foreach (var (sop, bytes) in files)
        {
            await File.WriteAllBytesAsync(folder.In("in", sop), bytes);
        }
        await File.WriteAllTextAsync(folder.In("in", "readme"), "no DICOM");
        await using var server = await ServerProcess.StartAsync(folder.In("data"));
        var url = $"{server.Address}dicom-web";

        var sent = await Vna.OkAsync("send", url, folder.In("in"));
        Assert.Contains("stored              7", sent, StringComparison.Ordinal);
        Assert.Contains("skipped, not DICOM  1", sent, StringComparison.Ordinal);

        Assert.Contains("fetched        7", await Vna.OkAsync("fetch", url, "--study", "1.2.3", folder.In("out")), StringComparison.Ordinal);
        foreach (var (sop, bytes) in files)
        {
            Assert.Equal(bytes, await File.ReadAllBytesAsync(folder.In("out", "1.2.3", "1.2.3.1", $"{sop}.dcm")));
        }
        Assert.Equal(7, Directory.GetFiles(folder.In("out"), "*", SearchOption.AllDirectories).Length);
        Assert.Contains("there already  1", await Vna.OkAsync("fetch", url, "--study", "1.2.3", "--series", "1.2.3.1", "--instance", "1.2.3.1.4", folder.In("out")), StringComparison.Ordinal);

        var (code, _, errors) = await Vna.RunAsync("fetch", url, "--study", "9.9", folder.In("out"));
        Assert.Equal(1, code);
        Assert.Contains("404", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_OfAnAnswerThatIsCutOff_LeavesNoHalfFile()
    {
        using var folder = new TestFolder();
        var file = Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1");
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: multipart/related; type=\"application/dicom\"; boundary=b\r\nConnection: close\r\n\r\n--b\r\n\r\n"u8.ToArray(), file, "\r\n--b\r\n\r\n"u8.ToArray(), file[..300]);
            exchange.Close();
        });
        var (code, _, errors) = await Vna.RunAsync("fetch", $"{service.Url}", "--study", "1.2.3", folder.In("out"));
        Assert.Equal(1, code);
        Assert.Contains("1 instances were fetched", errors, StringComparison.Ordinal);
        Assert.Equal([folder.In("out", "1.2.3", "1.2.3.1", "1.2.3.1.1.dcm")], Directory.GetFiles(folder.In("out"), "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("fetch", "nowhere", "--study", "1.2", "out")]
    [InlineData("fetch", "http://127.0.0.1:1/dicom-web", "--study", "../..", "out")]
    [InlineData("fetch", "http://127.0.0.1:1/dicom-web", "--study", "1.2", "--instance", "1.3", "out")]
    [InlineData("send", "ftp://archive", "/")]
    public async Task Arguments_ThatCannotBe_AreRefusedWithASentence(params string[] args)
    {
        var (code, _, errors) = await Vna.RunAsync(args);
        Assert.Equal(1, code);
        Assert.EndsWith(".", errors.Trim(), StringComparison.Ordinal);
    }
}

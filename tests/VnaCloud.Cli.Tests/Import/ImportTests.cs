using System.Net.Http.Json;
using System.Text.Json;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Import;

public class ImportTests
{
    [Fact]
    public async Task Import_FolderTree_StoresInstancesAndReportsTheRest()
    {
        using var folder = new TestFolder();
        await WriteTreeAsync(folder.In("in"));
        var report = folder.In("report.tsv");

        var (code, output, errors) = await Vna.RunAsync("import", folder.In("in"), "--data", folder.In("data"), "--report", report);

        Assert.Equal(1, code); // one file cannot be stored
        Assert.Contains("stored              4", output, StringComparison.Ordinal);
        Assert.Contains("skipped, not DICOM  2", output, StringComparison.Ordinal);
        Assert.Contains("skipped, DICOMDIR   1", output, StringComparison.Ordinal);
        Assert.Contains("failed              1", output, StringComparison.Ordinal);
        Assert.Contains("broken.dcm", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(report);
        Assert.Equal(["DICOMDIR\tskipped", "broken.dcm\tfailed", "empty\tskipped", "readme.txt\tskipped"],
            lines.Select(line => line.Split('\t')).Select(parts => $"{Path.GetFileName(parts[0])}\t{parts[1]}").Order(StringComparer.Ordinal));
        await Vna.OkAsync("verify", "--data", folder.In("data"));
    }

    [Fact]
    public async Task Import_Again_WritesNothing()
    {
        using var folder = new TestFolder();
        await WriteTreeAsync(folder.In("in"), broken: false);
        await Vna.OkAsync("import", folder.In("in"), "--data", folder.In("data"));
        var before = Directory.GetFiles(folder.In("data", "objects"), "*", SearchOption.AllDirectories);

        var output = await Vna.OkAsync("import", folder.In("in"), "--data", folder.In("data"));

        Assert.Contains("there already       4", output, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder.In("data", "objects"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Import_OtherContentUnderTheSameUids_FailsWithTheReason()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.In("in"));
        await File.WriteAllBytesAsync(folder.In("in", "a.dcm"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1", seed: 1));
        await File.WriteAllBytesAsync(folder.In("in", "b.dcm"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1", seed: 2));
        var (code, output, errors) = await Vna.RunAsync("import", folder.In("in"), "--data", folder.In("data"));
        Assert.Equal(1, code);
        Assert.Contains("b.dcm: 0111H", errors, StringComparison.Ordinal);
        Assert.Contains("stored              1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_BesideARunningServer_GoesThroughItAndSaysTheSame()
    {
        using var folder = new TestFolder();
        await WriteTreeAsync(folder.In("in"));
        await File.WriteAllBytesAsync(folder.In("in", "z.dcm"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1", seed: 7));
        await using var server = await ServerProcess.StartAsync(folder.In("data"));

        var (code, output, errors) = await Vna.RunAsync("import", folder.In("in"), "--data", folder.In("data"));

        Assert.Equal(1, code);
        Assert.Contains($"through the server at {server.Address}", output, StringComparison.Ordinal);
        Assert.Contains("stored              4", output, StringComparison.Ordinal);
        Assert.Contains("failed              2", output, StringComparison.Ordinal);
        Assert.Contains(": 0111H", errors, StringComparison.Ordinal); // of the two with the same UIDs one was first
        using var client = new HttpClient { BaseAddress = server.Address };
        Assert.Equal(4, (await client.GetFromJsonAsync<JsonElement[]>("dicom-web/instances"))!.Length);

        Assert.Contains("there already       4", (await Vna.RunAsync("import", folder.In("in"), "--data", folder.In("data"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_AfterAServerWasKilled_GoesInDirectly()
    {
        using var folder = new TestFolder();
        await WriteTreeAsync(folder.In("in"), broken: false);
        await using (var server = await ServerProcess.StartAsync(folder.In("data")))
        {
            await server.KillAsync();
        }
        Assert.True(File.Exists(folder.In("data", "server.json")));
        Assert.Contains($"into {folder.In("data")}", await Vna.OkAsync("import", folder.In("in"), "--data", folder.In("data")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_Stopped_TakesItsFileAway()
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path);
        await server.StopAsync();
        Assert.False(File.Exists(folder.In("server.json")));
    }

    // Two series in two folders, a file that is none, an empty one, a DICOMDIR and one that ends in the middle of an element.
    private static async Task WriteTreeAsync(string root, bool broken = true)
    {
        Directory.CreateDirectory(Path.Combine(root, "one", "deep"));
        Directory.CreateDirectory(Path.Combine(root, "two"));
        for (var i = 1; i <= 2; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(root, "one", "deep", $"{i}.dcm"), Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{i}", i));
            await File.WriteAllBytesAsync(Path.Combine(root, "two", $"IM{i}"), Instances.Ct("1.2.4", "1.2.4.1", $"1.2.4.1.{i}", i));
        }
        await File.WriteAllTextAsync(Path.Combine(root, "readme.txt"), "Not a DICOM file.");
        await File.WriteAllBytesAsync(Path.Combine(root, "empty"), []);
        await File.WriteAllBytesAsync(Path.Combine(root, "DICOMDIR"),
            Instances.File(new InstanceSpec("1.2.5", "1.2.5.1", "1.2.5.1.1") { SopClass = "1.2.840.10008.1.3.10" }));
        if (broken)
        {
            await File.WriteAllBytesAsync(Path.Combine(root, "broken.dcm"), Instances.Ct("1.2.6", "1.2.6.1", "1.2.6.1.1")[..^20]);
        }
    }
}

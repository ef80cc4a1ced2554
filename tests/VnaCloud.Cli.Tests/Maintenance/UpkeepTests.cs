using VnaCloud.Archive;
using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Maintenance;

public class UpkeepTests
{
    [Fact]
    public async Task Commands_OnAHealthyArchive_Succeed()
    {
        using var folder = new TestFolder();
        await FillAsync(folder, TimeProvider.System.GetUtcNow().AddDays(-3));
        Assert.Contains("1 written", await Vna.OkAsync("compact", "--data", folder.Path), StringComparison.Ordinal);
        Assert.Contains("0 deleted", await Vna.OkAsync("collect", "--data", folder.Path), StringComparison.Ordinal); // retired just now
        Assert.Contains("1 packs looked at", await Vna.OkAsync("scrub", "--all", "--data", folder.Path), StringComparison.Ordinal);
        Assert.Contains("0 unreferenced", await Vna.OkAsync("reconcile", "--data", folder.Path), StringComparison.Ordinal);
        Assert.Contains("0 instances adopted", await Vna.OkAsync("adopt", "--data", folder.Path), StringComparison.Ordinal);
        await Vna.OkAsync("verify", "--data", folder.Path);
    }

    [Fact]
    public async Task Commands_BesideARunningServer_Refuse()
    {
        using var folder = new TestFolder();
        await FillAsync(folder, TimeProvider.System.GetUtcNow());
        await using var server = await ServerProcess.StartAsync(folder.Path);
        foreach (var name in (string[])["compact", "collect", "scrub", "reconcile", "adopt"])
        {
            var (code, _, errors) = await Vna.RunAsync(name, "--data", folder.Path);
            Assert.Equal(1, code);
            Assert.Contains("stop it first", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Scrub_DamagedPack_IsAnAlarm()
    {
        using var folder = new TestFolder();
        await FillAsync(folder, TimeProvider.System.GetUtcNow());
        var pack = Directory.GetFiles(folder.In("objects"), "*.tar", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await using (var file = File.OpenWrite(pack))
        {
            file.Position = 900;
            file.WriteByte(0xEE);
        }
        var (code, output, errors) = await Vna.RunAsync("scrub", "--all", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("1 alarms", output, StringComparison.Ordinal);
        Assert.Contains("1.2.3.1.1.dcm", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adopt_AfterARestoreOfAnOlderIndex_LetsTheServerStart()
    {
        using var folder = new TestFolder();
        await FillAsync(folder, TimeProvider.System.GetUtcNow());
        await Vna.OkAsync("backup", "--data", folder.Path, "--out", folder.Path + ".backup");
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.9"));
            await archive.DeleteAsync("1.2.3", "1.2.3.1", "1.2.3.1.1");
            await new ArchivePosition(archive.Parts()).CheckpointAsync(default);
        }
        File.Copy(Path.Combine(folder.Path + ".backup", "index.db"), folder.In("index.db"), overwrite: true);
        Directory.Delete(folder.Path + ".backup", recursive: true);

        var (code, _, errors) = await Vna.RunAsync("collect", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("vna adopt", errors, StringComparison.Ordinal);
        Assert.Contains("1 instances adopted, 1 decisions replayed", await Vna.OkAsync("adopt", "--data", folder.Path), StringComparison.Ordinal);
        await Vna.OkAsync("collect", "--data", folder.Path);
        await Vna.OkAsync("verify", "--data", folder.Path);
    }

    private static async Task FillAsync(TestFolder folder, DateTimeOffset at)
    {
        await using var archive = await TestArchive.OpenAsync(folder.Path, new RisingTime(at));
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.2"));
    }
}

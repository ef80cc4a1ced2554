using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Copies;

public class CopiesTests
{
    private static readonly byte[] First = Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1");
    private static readonly byte[] Second = Instances.Ct("1.2.4", "1.2.4.1", "1.2.4.1.1");

    [Fact]
    public async Task Export_All_WritesTheBytesAsStored()
    {
        using var folder = await FilledAsync();
        await Vna.OkAsync("export", "--data", folder.In("data"), "--out", folder.In("out"));
        Assert.Equal(First, await File.ReadAllBytesAsync(folder.In("out", "1.2.3", "1.2.3.1", "1.2.3.1.1.dcm")));
        Assert.Equal(Second, await File.ReadAllBytesAsync(folder.In("out", "1.2.4", "1.2.4.1", "1.2.4.1.1.dcm")));
        Assert.Equal(2, Directory.GetFiles(folder.In("out"), "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Export_Again_SkipsEqualFilesAndLeavesDifferentOnes()
    {
        using var folder = await FilledAsync();
        string[] export = ["export", "--data", folder.In("data"), "--out", folder.In("out")];
        await Vna.OkAsync(export);
        Assert.Contains("2 were there already", await Vna.OkAsync(export), StringComparison.Ordinal);
        var path = folder.In("out", "1.2.3", "1.2.3.1", "1.2.3.1.1.dcm");
        await File.WriteAllTextAsync(path, "mine");
        var (code, _, errors) = await Vna.RunAsync(export);
        Assert.Equal(1, code);
        Assert.Contains("left alone", errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task Export_OneStudy_WritesOnlyThat()
    {
        using var folder = await FilledAsync();
        await Vna.OkAsync("export", folder.In("data"), "--out", folder.In("out"), "--study", "1.2.4");
        Assert.Single(Directory.GetFiles(folder.In("out"), "*", SearchOption.AllDirectories));
        Assert.Equal(1, (await Vna.RunAsync("export", folder.In("data"), "--out", folder.In("out"), "--study", "9.9")).Code);
    }

    [Fact]
    public async Task Export_DamagedBytes_WritesNothingOfThem()
    {
        using var folder = await FilledAsync();
        var pack = Directory.GetFiles(folder.In("data", "objects"), "*.tar", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await using (var file = File.OpenWrite(pack))
        {
            file.Position = 900;
            file.WriteByte(0xEE);
        }
        var (code, _, errors) = await Vna.RunAsync("export", "--data", folder.In("data"), "--out", folder.In("out"));
        Assert.Equal(1, code);
        Assert.Contains("SHA-256", errors, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.In("out"), "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Backup_OfARunningFolder_IsAnArchiveAgain(bool link)
    {
        using var folder = await FilledAsync();
        string[] backup = ["backup", "--data", folder.In("data"), "--out", folder.In("backup"), .. link ? (string[])["--link"] : []];
        await using (await ServerProcess.StartAsync(folder.In("data")))
        {
            Assert.Contains("4 objects", await Vna.OkAsync(backup), StringComparison.Ordinal);
            await File.WriteAllBytesAsync(folder.In("more.dcm"), Instances.Ct("1.2.4", "1.2.4.1", "1.2.4.1.2"));
            await Vna.OkAsync("import", folder.In("more.dcm"), "--data", folder.In("data"));
            Assert.Contains("1 objects", await Vna.OkAsync(backup), StringComparison.Ordinal);
        }
        await Vna.OkAsync("verify", "--data", folder.In("backup"));
        // As --help says: the copy in the folder's place, then reindex.
        Directory.Delete(folder.In("data"), recursive: true);
        Directory.Move(folder.In("backup"), folder.In("data"));
        Assert.Contains("3 instances live", await Vna.OkAsync("reindex", "--data", folder.In("data")), StringComparison.Ordinal);
        await Vna.OkAsync("export", "--data", folder.In("data"), "--out", folder.In("out"));
        Assert.Equal(First, await File.ReadAllBytesAsync(folder.In("out", "1.2.3", "1.2.3.1", "1.2.3.1.1.dcm")));
    }

    [Fact]
    public async Task Backup_IntoAnotherArchivesBackup_Refuses()
    {
        using var folder = await FilledAsync();
        using var other = await FilledAsync();
        await Vna.OkAsync("backup", "--data", other.In("data"), "--out", folder.In("backup"));
        var (code, _, errors) = await Vna.RunAsync("backup", "--data", folder.In("data"), "--out", folder.In("backup"));
        Assert.Equal(1, code);
        Assert.Contains("another archive", errors, StringComparison.Ordinal);
    }

    private static async Task<TestFolder> FilledAsync()
    {
        var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.In("data"));
        await archive.StoreAsync(First);
        await archive.StoreAsync(Second);
        return folder;
    }
}

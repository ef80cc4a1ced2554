using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Maintenance;

public class ReindexTests
{
    [Fact]
    public async Task Reindex_IndexDeleted_GivesTheSameArchiveAgain()
    {
        using var folder = new TestFolder();
        var before = await FillAsync(folder);
        File.Delete(folder.In("index.db"));

        var output = await Vna.OkAsync("reindex", "--data", folder.Path);

        Assert.Contains("2 instances live, 1 deleted, 1 void", output, StringComparison.Ordinal);
        await AssertSameAsync(before, folder);
        await Vna.OkAsync("verify", "--data", folder.Path);
        Assert.False(Directory.Exists(folder.In("index.db.new")));
    }

    [Fact]
    public async Task Reindex_IndexThere_KeepsItAsOldUnlessTold()
    {
        using var folder = new TestFolder();
        var before = await FillAsync(folder);
        await Vna.OkAsync("reindex", "--data", folder.Path);
        Assert.True(File.Exists(folder.In("index.db.old")));
        await Vna.OkAsync("reindex", "--data", folder.Path, "--discard");
        Assert.False(File.Exists(folder.In("index.db.old")));
        await AssertSameAsync(before, folder);
    }

    [Fact]
    public async Task Reindex_DamagedIndexWithALog_PutsBothAside()
    {
        using var folder = new TestFolder();
        var before = await FillAsync(folder);
        await File.WriteAllTextAsync(folder.In("index.db"), "This is not a database, and was one.");
        await File.WriteAllTextAsync(folder.In("index.db-wal"), "Nor is this its log.");
        await Vna.OkAsync("reindex", "--data", folder.Path);
        await AssertSameAsync(before, folder);
    }

    [Fact]
    public async Task Reindex_LeftOverOfAKilledRun_StartsAnew()
    {
        using var folder = new TestFolder();
        var before = await FillAsync(folder);
        Directory.CreateDirectory(folder.In("index.db.new"));
        await File.WriteAllTextAsync(folder.In("index.db.new", "index.db"), "half");
        await Vna.OkAsync("reindex", "--data", folder.Path);
        await AssertSameAsync(before, folder);
    }

    [Fact]
    public async Task Reindex_DamagedJournal_IsRefusedUntilAccepted()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        foreach (var journal in Directory.GetFiles(folder.In("objects"), "*.jsonl", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(journal, "{\n");
        }
        var index = await File.ReadAllBytesAsync(folder.In("index.db"));
        var (code, _, errors) = await Vna.RunAsync("reindex", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("--accept-damaged-journal", errors, StringComparison.Ordinal);
        Assert.Equal(index, await File.ReadAllBytesAsync(folder.In("index.db")));

        (code, var output, errors) = await Vna.RunAsync("reindex", "--data", folder.Path, "--accept-damaged-journal");
        Assert.Equal(1, code);
        Assert.Contains("3 instances live", output, StringComparison.Ordinal);
        Assert.Contains("1 PAIRS", errors, StringComparison.Ordinal);
        Assert.Contains("LEFT OUT", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandsThatWrite_BesideARunningServer_Refuse()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        await using var server = await ServerProcess.StartAsync(folder.Path);
        foreach (var args in (string[][])[["reindex"], ["undelete", "--study", "1.2.3"]])
        {
            var (code, _, errors) = await Vna.RunAsync([.. args, "--data", folder.Path]);
            Assert.Equal(1, code);
            Assert.Contains("stop it first", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
        // What only reads goes on.
        await Vna.OkAsync("verify", "--data", folder.Path);
        await Vna.OkAsync("export", "--data", folder.Path, "--out", folder.In("out"));
        Assert.Equal(2, Directory.GetFiles(folder.In("out"), "*.dcm", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Undelete_WithinTheGrace_BringsBackOnce()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        Assert.Contains("1 instances are back", await Vna.OkAsync("undelete", "--data", folder.Path, "--study", "1.2.3", "--instance", "1.2.3.1.3"), StringComparison.Ordinal);
        Assert.Equal(1, (await Vna.RunAsync("undelete", "--data", folder.Path, "--study", "1.2.3")).Code);
        // The journal knows it too.
        Assert.Contains("3 instances live, 0 deleted", await Vna.OkAsync("reindex", "--data", folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Undelete_AfterTheGrace_BringsNothingBack()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        await Task.Delay(200);
        Assert.Equal(1, (await Vna.RunAsync("undelete", "--data", folder.Path, "--study", "1.2.3", "--grace", "0.00001")).Code);
    }

    [Fact]
    public async Task Verify_ByteChangedInAPack_NamesItAndFails()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        var pack = Directory.GetFiles(folder.In("objects"), "*.tar", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await using (var file = File.OpenWrite(pack))
        {
            file.Position = 900;
            file.WriteByte(0xEE);
        }
        var (code, output, errors) = await Vna.RunAsync("verify", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("1 findings", output, StringComparison.Ordinal);
        Assert.Contains("1.2.3.1/1.2.3.1.1.dcm", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static async Task<string> FillAsync(TestFolder folder)
    {
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.2"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.3"));
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1", seed: 5));
        await archive.DeleteAsync("1.2.3", "1.2.3.1", "1.2.3.1.3");
        return await archive.DumpAsync();
    }

    private static async Task AssertSameAsync(string before, TestFolder folder)
    {
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        Assert.Equal(before, await archive.DumpAsync());
    }
}

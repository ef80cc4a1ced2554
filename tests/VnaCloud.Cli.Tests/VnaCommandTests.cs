namespace VnaCloud.Cli.Tests;

public class VnaCommandTests
{
    [Theory]
    [InlineData("import")]
    [InlineData("export")]
    [InlineData("verify")]
    [InlineData("reindex")]
    [InlineData("backup")]
    [InlineData("undelete")]
    [InlineData("sample")]
    [InlineData("key")]
    [InlineData("health")]
    [InlineData("compact")]
    [InlineData("collect")]
    [InlineData("scrub")]
    [InlineData("reconcile")]
    [InlineData("adopt")]
    public async Task Help_OfEveryCommand_HasExamples(string command)
    {
        var help = await Vna.OkAsync(command, "--help");
        Assert.Contains("Examples:", help, StringComparison.Ordinal);
        Assert.Contains($"vna {command}", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_OfAll_IsALineForEachCommand()
    {
        var help = await Vna.OkAsync("--help");
        Assert.Contains("Rebuilds the whole index from packs and journal", help, StringComparison.Ordinal);
        Assert.DoesNotContain("Examples:", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("bogus")]
    [InlineData("verify", "--sample", "0")]
    [InlineData("verify", "--sample", "many")]
    [InlineData("key", "gateway")]
    [InlineData("key", "gate way", "read")]
    [InlineData("key", "gateway", "read,fly")]
    [InlineData("import")]
    [InlineData("import", "x", "--parallel", "99")]
    [InlineData("undelete")]
    [InlineData("export")]
    public async Task Run_WrongUsage_ExitsWithTwo(params string[] args)
    {
        var (code, output, errors) = await Vna.RunAsync(args);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("--help", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("reindex")]
    [InlineData("export", "--out", "/tmp/never")]
    [InlineData("backup", "--out", "/tmp/never")]
    [InlineData("undelete", "--study", "1.2.3")]
    [InlineData("adopt")]
    public async Task Run_FolderWithoutArchive_IsOneSentenceAndMakesNothing(params string[] args)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"vna-none-{Guid.NewGuid():N}");
        var (code, _, errors) = await Vna.RunAsync([.. args, "--data", folder]);
        Assert.Equal(1, code);
        Assert.Contains("is not a data folder of VnaCloud", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}

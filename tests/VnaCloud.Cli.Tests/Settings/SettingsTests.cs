using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Settings;

/// <summary>Commands take the archive from the settings that a server takes it from.</summary>
public sealed class SettingsTests
{
    private static readonly string[] Bucket = ["--Vna:Storage:Provider=S3", "--Vna:Storage:S3:Endpoint=http://127.0.0.1:9"];

    [Theory]
    [InlineData("verify"), InlineData("reindex"), InlineData("adopt"), InlineData("compact"), InlineData("collect"), InlineData("scrub"), InlineData("reconcile")]
    public async Task Command_WithHalfABucket_SaysWhatIsMissing(string command)
    {
        var (code, _, errors) = await Vna.RunAsync([command, .. Bucket]);
        Assert.Equal(1, code);
        Assert.Contains("Vna:Storage:S3:Bucket must name a bucket", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Vna:Storage:Provider is FileSystem", "--Vna:Storage:S3:Bucket=vna")]
    [InlineData("are given together", "--Vna:Storage:Provider=S3", "--Vna:Storage:S3:Bucket=vna", "--Vna:Storage:S3:AccessKey=a")]
    [InlineData("nearest one is Vna:Storage:S3:Endpoint", "--Vna:Storage:Provider=S3", "--Vna:Storage:S3:Bucket=vna", "--Vna:Storage:S3:Endpint=http://127.0.0.1:9")]
    [InlineData("cannot be what it is set to", "--Vna:Storage:Provider", "S4")]
    [InlineData("needs Vna:Index:ConnectionString", "--Vna:Index:Provider=Postgres")]
    [InlineData("has no meaning for this command", "--Vna:Limits:DrainSeconds=2")]
    [InlineData("Use one of them", "--data", "/nowhere", "--Vna:Storage:Provider=S3")]
    public async Task Settings_ThatCannotBe_AreASentence(string sentence, params string[] arguments)
    {
        var (code, _, errors) = await Vna.RunAsync(["verify", .. arguments]);
        Assert.Equal(1, code);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import", "/tmp"), InlineData("backup", "--out", "/nowhere/out")]
    public async Task FolderCommand_WithABucket_AsksForTheFolder(params string[] command)
    {
        var (code, _, errors) = await Vna.RunAsync([.. command, .. Bucket, "--Vna:Storage:S3:Bucket=vna"]);
        Assert.Equal(1, code);
        Assert.Contains("--data DIR", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sample_WithSettingsThatCannotBe_DoesNotAskForThem()
    {
        using var folder = new TestFolder();
        await Vna.OkAsync("sample", folder.In("sample"), "--Vna:Storage:Provider=S4");
    }

    [Fact]
    public async Task Verify_FolderNamedBySettings_IsThatFolder()
    {
        using var folder = new TestFolder();
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        }
        Assert.Contains("1 packs, 1 instances", await Vna.OkAsync("verify", "--Vna:Storage:Path", folder.Path), StringComparison.Ordinal);
        Assert.Contains("1 packs, 1 instances", await Vna.OkAsync("verify", $"--vna:storage:path={folder.Path}"), StringComparison.Ordinal);
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using VnaCloud.Gateway.Tests.Scp;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>The npm package dcmjs-dimse: C-ECHO, C-STORE, C-FIND, C-GET, and C-MOVE to an SCP of its own.</summary>
public sealed class DcmjsDimseTests
{
    private const string Study = "1.2.826.0.5.1";
    private const int Count = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Dcmjs_InBothRoles_StoresFindsGetsAndIsMovedTo()
    {
        var scripts = Path.Combine(AppContext.BaseDirectory, "Peers", "dcmjs");
        await InstallAsync(scripts);
        var own = Dcmtk.FreePort();
        await using var site = await Site.StartAsync(Site.Remote(0, "DCMJS", own));
        using var folder = new Folder();
        for (var i = 1; i <= Count; i++)
        {
            folder.File($"{i}.dcm", Instances.Ct(Study, Study + ".1", $"{Study}.1.{i}", i));
        }
        var (exit, output, errors) = await RunAsync("node", scripts, "peer.mjs", $"{site.Port}", $"{own}", folder.Path, Study, "Doe*");
        Assert.True(exit == 0, errors);
        var result = JsonNode.Parse(output)!;
        Assert.Equal(0, (int)result["echo"]!);
        Assert.Equal(Enumerable.Repeat(0, Count), result["store"]!.AsArray().Select(status => (int)status!));
        var find = result["find"]!.AsArray();
        Assert.Equal([0, 0, 0], find.Select(found => (int)found!["status"]!));
        Assert.All(find, found => Assert.Equal(Study, (string)Assert.Single(found!["answers"]!.AsArray())!["StudyInstanceUID"]!));
        Assert.Equal((Study + ".1", "CT"), ((string)find[1]!["answers"]![0]!["SeriesInstanceUID"]!, (string)find[1]!["answers"]![0]!["Modality"]!));
        foreach (var operation in (string[])["get", "move"])
        {
            Assert.Equal((0, Count), ((int)result[operation]!["status"]!, (int)result[operation]!["completed"]!));
            Assert.Equal(result["sent"]!.ToJsonString(), result[operation]!["instances"]!.ToJsonString());
        }
        Assert.Equal(Count, result["sent"]!.AsArray().Count);
        Assert.Equal(0xA801, (int)result["astray"]!);
    }

    private static async Task InstallAsync(string scripts)
    {
        Assert.SkipUnless(IsOnPath("node") && IsOnPath("npm"), "Node and npm are not on this machine.");
        if (Directory.Exists(Path.Combine(scripts, "node_modules", "dcmjs-dimse")))
        {
            return;
        }
        var (exitCode, _, errors) = await RunAsync("npm", scripts, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        Assert.SkipUnless(exitCode == 0, $"npm could not install dcmjs-dimse: {errors}");
    }

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>The server as an image runs it: nobody's uid, no capabilities, a root that is read-only, two folders that are not.</summary>
public sealed class ReadOnlyRootTests : IDisposable
{
    private const string Uid = "10001";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vnacloud-readonly-");

    [Fact]
    public async Task Server_WithoutRightsOnAReadOnlyRoot_StoresFindsAndDecodes()
    {
        TestLength.SkipInFast("needs a mount namespace.");
        Assert.SkipWhen(!NativeCodecs.Exists, NativeCodecs.Missing);
        var data = _folder.CreateSubdirectory("data").FullName;
        var temporary = _folder.CreateSubdirectory("tmp").FullName;
        var script = Path.Combine(_folder.FullName, "run");
        // What was mounted before stays writable when the root is made read-only; what other file systems there are, too: they are no part of an image.
        await File.WriteAllTextAsync(script, $"""
            mount --make-rprivate / && mount --bind {data} {data} && mount --bind {temporary} {temporary} && mount -o remount,bind,ro / || exit 77
            cd {data} && exec setpriv --reuid {Uid} --regid {Uid} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- env TMPDIR={temporary} HOME=/nonexistent DOTNET_EnableDiagnostics=0 "$@"
            """, TestContext.Current.CancellationToken);
        await Command.RequireAsync("chown", "-R", Uid, _folder.FullName);
        string[] launcher = ["unshare", "--mount", "sh", script];
        var possible = await Tool.RunAsync(launcher[0], [.. launcher[1..], "test", "-r", ServerProcess.ServerPath]);
        Assert.SkipWhen(possible is not { ExitCode: 0 }, $"No namespace with a read-only root is to be had here, or others may not read the server: {possible?.Errors}");

        await using var server = await ServerProcess.StartUnderAsync(launcher, data, $"--Vna:Codecs:Program={NativeCodecs.Program}");
        var status = await File.ReadAllLinesAsync($"/proc/{server.Pid}/status", TestContext.Current.CancellationToken);
        Assert.Contains($"Uid:\t{Uid}\t{Uid}\t{Uid}\t{Uid}", status);
        Assert.Contains("CapEff:\t0000000000000000", status);
        Assert.Contains(await File.ReadAllLinesAsync($"/proc/{server.Pid}/mountinfo", TestContext.Current.CancellationToken), line => line.Split(' ') is [_, _, _, _, "/", var options, ..] && options.Split(',').Contains("ro"));
        await Smoke.PassAsync(server.BaseUrl);
        Assert.Equal(0, await server.StopAsync());
    }

    /// <summary>The image itself: minutes, most of them for its base.</summary>
    [Fact]
    public async Task Image_BuiltWithoutDocker_StoresFindsAndDecodes()
    {
        Assert.SkipWhen(!TestLength.IsLong, "The image is built in the long run only: deploy/image.sh build server.");
        var image = Path.Combine(Corpus.Repository, "deploy", "image.sh");
        Assert.SkipWhen(!Command.Exists("buildah") || !Command.Exists("mmdebstrap") || !Command.Exists("runc"), "buildah, mmdebstrap and runc are not installed: deploy/image.sh install.");
        await Command.RequireAsync(image, "build", "server");
        await Command.RequireAsync("chown", Uid, _folder.FullName);
        var url = new Uri(FreePorts.TakeUrl());
        using var container = Process.Start(new ProcessStartInfo(image, ["run", "server", _folder.FullName, "Vna__Auth__Mode=None", "--", $"--urls={url.GetLeftPart(UriPartial.Authority)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = container.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = container.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            using var http = new HttpClient();
            for (var waited = Stopwatch.StartNew(); !await IsReadyAsync(http, url); await Task.Delay(200, TestContext.Current.CancellationToken))
            {
                Assert.False(container.HasExited, container.HasExited ? await errors : "");
                Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "The container is not ready.");
            }
            await Smoke.PassAsync(url);
        }
        finally
        {
            await Command.RequireAsync("kill", "-TERM", $"{container.Id}");
            await container.WaitForExitAsync(CancellationToken.None);
        }
        Assert.Equal(0, container.ExitCode);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri url)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(url, "health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Readme;

/// <summary>The README's own lines, as a new user pastes them: only the port and the folder are others.</summary>
public sealed partial class ReadmeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly string _root = FindRoot();
    private readonly string _folder = Directory.CreateTempSubdirectory("vnacloud-readme-").FullName;

    [Fact]
    public async Task First_steps_as_pasted_store_find_and_get_back_a_study()
    {
        Assert.SkipWhen(TestLength.IsFast, "Builds by run.sh: not in the inner loop.");
        var blocks = Block().Matches(await File.ReadAllTextAsync(Path.Combine(_root, "README.md"), TestContext.Current.CancellationToken))
            .Select(match => match.Groups[1].Value).ToList();
        Assert.Equal("./run.sh", blocks[0].Trim());
        var url = FreePorts.TakeUrl();
        using var server = Start(Path.Combine(_root, "run.sh"), "--urls", url);
        try
        {
            await WaitAsync(server, url);
            var lines = blocks[1].Replace("./run.sh", Path.Combine(_root, "run.sh")).Replace("http://127.0.0.1:8080", url);
            var script = Path.Combine(_folder, "lines.sh");
            await File.WriteAllTextAsync(script, $"cd '{_folder}'\nset -e\n{lines}", TestContext.Current.CancellationToken);
            var said = await Command.RequireAsync("bash", script);

            Assert.Contains("identical\n", said);
            Assert.Contains("\"00081199\"", said);
            Assert.DoesNotContain("\"00081198\"", said);
            Assert.Equal(128 * 128 * 2, new FileInfo(Path.Combine(_folder, "frame.raw")).Length);
            using var zip = ZipFile.OpenRead(Path.Combine(_folder, "study.zip"));
            Assert.Equal(20, zip.Entries.Count);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(_folder, recursive: true);
        }
    }

    private Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash") { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task WaitAsync(Process server, string url)
    {
        using var client = new HttpClient();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"{url}/health/ready"), TestContext.Current.CancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception notYet) when (Connection.WasLost(notYet))
            {
                // Still building, or not listening yet.
            }
            Assert.False(server.HasExited, "run.sh ended.");
            Assert.True(waited.Elapsed < Patience, "run.sh did not bring a ready server up.");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "README.md")) || !File.Exists(Path.Combine(folder, "run.sh")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }
        return folder;
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}

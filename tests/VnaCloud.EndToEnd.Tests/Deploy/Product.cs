using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>
/// Starts the server or the gateway with settings that a deployment gives it. The product refuses what it does not know: nothing else
/// could tell better whether a chart or a unit file still fits it.
/// </summary>
internal static class Product
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What a test must not reach, or listen on, whatever the settings say.</summary>
    private static IEnumerable<string> ServerOverrides(IReadOnlyDictionary<string, string> environment)
    {
        yield return "--Vna:Rehearsal=false";
        if (environment.ContainsKey("Vna__Index__ConnectionString"))
        {
            yield return "--Vna:Index:ConnectionString=Host=127.0.0.1;Port=1;Database=vna;Username=vna;SSL Mode=Disable";
        }
        if (environment.ContainsKey("Vna__Storage__S3__Bucket"))
        {
            yield return "--Vna:Storage:S3:Endpoint=http://127.0.0.1:1";
        }
        if (environment.ContainsKey("Vna__Auth__Oidc__Authority"))
        {
            yield return "--Vna:Auth:Oidc:Authority=http://127.0.0.1:1";
        }
    }

    private static readonly string[] GatewayOverrides =
        ["--Gateway:Dimse:Address=127.0.0.1", "--Gateway:Dimse:Port=0", "--Gateway:Dimse:TlsPort=0", "--Gateway:Archive:Url=http://127.0.0.1:1/dicom-web"];

    /// <summary>Statuses of the paths, asked of a server that was started so; database and bucket cannot be reached.</summary>
    /// <param name="environment">As a container would have it. Paths of volumes must be this machine's.</param>
    /// <param name="folder">The working directory, with an appsettings.json or without.</param>
    /// <param name="paths">What is asked.</param>
    public static Task<IReadOnlyList<int>> AskServerAsync(IReadOnlyDictionary<string, string> environment, string folder, params IReadOnlyList<string> paths)
    {
        var url = FreePorts.TakeUrl();
        return AskAsync(ServerProcess.ServerPath, environment, folder, url, [$"--urls={url}", .. ServerOverrides(environment)], paths);
    }

    /// <summary>The same of a gateway.</summary>
    public static Task<IReadOnlyList<int>> AskGatewayAsync(IReadOnlyDictionary<string, string> environment, string folder, params IReadOnlyList<string> paths)
    {
        var url = FreePorts.TakeUrl();
        return AskAsync(ServerProcess.GatewayPath, environment, folder, url, [$"--Gateway:Http:Urls={url}", .. GatewayOverrides], paths);
    }

    private static async Task<IReadOnlyList<int>> AskAsync(
        string assembly, IReadOnlyDictionary<string, string> environment, string folder, string url, string[] overrides, IReadOnlyList<string> paths)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. overrides]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
            var waited = Stopwatch.StartNew();
            while (!await AnswersAsync(http, url))
            {
                Assert.False(process.HasExited, process.HasExited ? await errors : "");
                Assert.True(waited.Elapsed < Patience, $"{Path.GetFileName(assembly)} does not answer.");
                await Task.Delay(50);
            }
            var statuses = new List<int>();
            foreach (var path in paths)
            {
                using var answer = await http.GetAsync(new Uri(url + path));
                statuses.Add((int)answer.StatusCode);
            }
            return statuses;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string url)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"{url}/health/live"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception notYet) when (Connection.WasLost(notYet) || notYet is TaskCanceledException)
        {
            return false;
        }
    }
}

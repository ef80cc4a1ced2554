using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VnaCloud.TestKit;

/// <summary>The built server, or the gateway, as a process of its own, on a free port of loopback, with a data folder that outlives restarts.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _log;
    private readonly bool _ownsFolder;

    private ServerProcess(Process process, StringBuilder log, string folder, bool ownsFolder, Uri baseUrl)
    {
        (_process, _log, _ownsFolder) = (process, log, ownsFolder);
        (DataFolder, BaseUrl) = (folder, baseUrl);
    }

    /// <summary>For example <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri BaseUrl { get; }

    public string DataFolder { get; }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote so far, both streams.</summary>
    public string LogText
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>The server's assembly, of the configuration that this test was built with.</summary>
    public static string ServerPath { get; } = Find("VNA_SERVER", "VnaCloud.Server", "vnacloud-server.dll");

    /// <summary>The gateway's.</summary>
    public static string GatewayPath { get; } = Find("VNA_GATEWAY", "VnaCloud.Gateway", "vnacloud-gateway.dll");

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="dataFolder">Null for a new one, deleted in the end.</param>
    /// <param name="arguments">More of the command line, for example <c>--Vna:Limits:DrainSeconds=2</c>. It does not rehearse unless told to.</param>
    public static Task<ServerProcess> StartAsync(string? dataFolder = null, params string[] arguments) => StartUnderAsync([], dataFolder, arguments);

    /// <summary>Starts a server and waits until it answers, ready or not.</summary>
    public static Task<ServerProcess> StartUnreadyAsync(params string[] arguments) => LaunchAsync("health/live", [], ServerPath, null, arguments);

    /// <summary>Starts a server by a program that becomes the server, such as "strace -D".</summary>
    /// <param name="launcher">The program and its arguments; empty for none.</param>
    /// <param name="dataFolder">Null for a new one, deleted in the end.</param>
    /// <param name="arguments">More of the command line.</param>
    public static Task<ServerProcess> StartUnderAsync(IReadOnlyList<string> launcher, string? dataFolder, params string[] arguments) =>
        LaunchAsync("health/ready", launcher, ServerPath, dataFolder, arguments);

    /// <summary>Starts the server of another build.</summary>
    /// <param name="assembly">Its assembly.</param>
    /// <param name="dataFolder">Null for a new one, deleted in the end.</param>
    /// <param name="arguments">More of the command line.</param>
    public static Task<ServerProcess> StartBuildAsync(string assembly, string? dataFolder, params string[] arguments) =>
        LaunchAsync("health/ready", [], assembly, dataFolder, arguments);

    /// <summary>Starts a gateway and waits until it takes objects.</summary>
    /// <param name="spool">Its folder, which is not deleted.</param>
    /// <param name="arguments">More of the command line.</param>
    public static Task<ServerProcess> StartGatewayAsync(string spool, params string[] arguments)
    {
        var url = new Uri(FreePorts.TakeUrl());
        return LaunchAsync("health/ready", [Dotnet, GatewayPath, $"--Gateway:Http:Urls={url.GetLeftPart(UriPartial.Authority)}", $"--Gateway:Spool:Path={spool}", .. arguments], spool, false, url);
    }

    /// <summary>Returns when the server is ready; fails when it is not within a minute.</summary>
    public Task WaitReadyAsync() => WaitAsync("health/ready");

    private static string Dotnet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    private static Task<ServerProcess> LaunchAsync(string until, IReadOnlyList<string> launcher, string assembly, string? dataFolder, string[] arguments)
    {
        var folder = dataFolder ?? Directory.CreateTempSubdirectory("vnacloud-").FullName;
        var url = new Uri(FreePorts.TakeUrl());
        string[] command = [.. launcher, Dotnet, assembly, "--urls", url.GetLeftPart(UriPartial.Authority), $"--Vna:Storage:Path={folder}", "--Vna:Rehearsal=false", .. arguments];
        return LaunchAsync(until, command, folder, dataFolder is null, url);
    }

    private static async Task<ServerProcess> LaunchAsync(string until, string[] command, string folder, bool ownsFolder, Uri url)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }
        var log = new StringBuilder();
        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        process.OutputDataReceived += (_, line) => Append(log, line.Data);
        process.ErrorDataReceived += (_, line) => Append(log, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new ServerProcess(process, log, folder, ownsFolder, url);
        try
        {
            await server.WaitAsync(until);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: no handler, no flush.</summary>
    public async Task Kill9()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an orchestrator stops it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill9();
        _process.Dispose();
        if (_ownsFolder && Directory.Exists(DataFolder))
        {
            Directory.Delete(DataFolder, recursive: true);
        }
    }

    private async Task WaitAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = BaseUrl, Timeout = TimeSpan.FromSeconds(5) };
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync();
                throw new InvalidOperationException($"The server ended with {_process.ExitCode}: {LogText}");
            }
            try
            {
                using var answer = await http.GetAsync(path);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception notYet) when (Connection.WasLost(notYet) || notYet is TaskCanceledException)
            {
            }
            await Task.Delay(50);
        }
        throw new TimeoutException($"The server did not answer {path} after {Patience.TotalSeconds} s: {LogText}");
    }

    private static void Append(StringBuilder log, string? line)
    {
        if (line is not null)
        {
            lock (log)
            {
                log.AppendLine(line);
            }
        }
    }

    // A variable names a published one; else artifacts/bin/{test project}/{configuration}/ beside artifacts/bin/{project}/{configuration}/.
    private static string Find(string variable, string project, string assembly)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } published)
        {
            return Path.GetFullPath(published);
        }
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, assembly);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Peers;

/// <summary>The built gateway as a process of its own, on free ports of loopback.</summary>
internal sealed class GatewayProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly Folder _folder = new();

    private GatewayProgram(IReadOnlyList<string> settings)
    {
        (Port, HttpUrl) = (FreePorts.Take(), new Uri($"http://127.0.0.1:{FreePorts.Take()}"));
        string[] own = [$"--Gateway:Dimse:Port={Port}", $"--Gateway:Http:Urls={HttpUrl}", $"--Gateway:Spool:Path={_folder.Path}/spool", "--Gateway:Spool:MinFreeBytes=0", "--Gateway:Spool:LowFreeBytes=0"];
        _process = Process.Start(new ProcessStartInfo("dotnet", [Assembly, .. own, .. settings]) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    public Uri HttpUrl { get; }

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

    /// <summary>The most memory that it has had resident, in bytes (VmHWM).</summary>
    public long PeakBytes => File.ReadLines($"/proc/{_process.Id}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => long.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture) * 1024).Single();

    public bool HasExited => _process.HasExited;

    // artifacts/bin/{test project}/{configuration}/ is beside artifacts/bin/VnaCloud.Gateway/{configuration}/.
    private static string Assembly
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(own.Parent!.Parent!.FullName, "VnaCloud.Gateway", own.Name, "vnacloud-gateway.dll");
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<GatewayProgram> StartAsync(params IReadOnlyList<string> settings)
    {
        var gateway = new GatewayProgram(settings);
        try
        {
            await gateway.UntilReadyAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task UntilReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = HttpUrl };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
            }
            if (_process.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"The gateway is not ready: {LogText}");
            }
            await Task.Delay(50);
        }
    }

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }
        }
    }
}

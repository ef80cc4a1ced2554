using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>A gateway that may die and start again on its spool, at its address.</summary>
internal sealed class GatewaySite : IAsyncDisposable
{
    private static int _sites;
    private readonly string[] _settings;
    private readonly string? _own;

    /// <param name="archive">Where it sends to; "/dicom-web" is appended.</param>
    /// <param name="spool">Null for a new folder, deleted in the end.</param>
    /// <param name="settings">More of the command line.</param>
    public GatewaySite(Uri archive, string? spool = null, params string[] settings)
    {
        _own = spool is null ? Directory.CreateTempSubdirectory("vnacloud-spool-").FullName : null;
        Spool = spool ?? _own!;
        // An address of its own: no connection of another process takes its port while it is down.
        var address = IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.0.{Random.Shared.Next(70, 250)}.{Interlocked.Increment(ref _sites)}"));
        EndPoint = new IPEndPoint(address, FreePorts.Take(address));
        _settings =
        [
            $"--Gateway:Dimse:Address={EndPoint.Address}", $"--Gateway:Dimse:Port={EndPoint.Port}", $"--Gateway:Archive:Url={new Uri(archive, "dicom-web")}",
            "--Gateway:Archive:LongestPauseSeconds=1", "--Gateway:Spool:MinFreeBytes=0", "--Gateway:Spool:LowFreeBytes=0", .. settings,
        ];
    }

    public string Spool { get; }

    public IPEndPoint EndPoint { get; }

    public ServerProcess? Process { get; private set; }

    public async Task StartAsync() => Process = await ServerProcess.StartGatewayAsync(Spool, _settings);

    public async Task Kill9()
    {
        await Process!.Kill9();
        await Process.DisposeAsync();
        Process = null;
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        var code = await Process!.StopAsync();
        await Process.DisposeAsync();
        Process = null;
        return code;
    }

    /// <summary>What the status page shows.</summary>
    public async Task<JsonNode> StatusAsync()
    {
        using var http = new HttpClient { BaseAddress = Process!.BaseUrl };
        return JsonNode.Parse(await http.GetStringAsync(new Uri("status", UriKind.Relative)))!;
    }

    /// <summary>Files in one of the spool's folders.</summary>
    public IReadOnlyList<string> Files(string folder) => Directory.GetFiles(Path.Combine(Spool, folder));

    /// <summary>Waits until an object is on its way in.</summary>
    public async Task UntilReceivingAsync()
    {
        for (var watch = Stopwatch.StartNew(); Files("incoming").Count == 0;)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "Nothing is received.");
            await Task.Delay(10);
        }
    }

    /// <summary>Waits until all that is queued has been confirmed. Nothing may be left half, and nothing set aside.</summary>
    public async Task<TimeSpan> DrainAsync()
    {
        var watch = Stopwatch.StartNew();
        while (Files("queued").Count > 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), $"{Files("queued").Count} objects are not forwarded: {Process!.LogText}");
            await Task.Delay(50);
        }
        Assert.Empty(Files("quarantined"));
        Assert.Empty(Files("incoming"));
        return watch.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }
        if (_own is not null)
        {
            Directory.Delete(_own, recursive: true);
        }
    }
}

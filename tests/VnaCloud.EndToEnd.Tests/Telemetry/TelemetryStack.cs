using System.Globalization;
using VnaCloud.EndToEnd.Tests.Gateway;
using VnaCloud.EndToEnd.Tests.Telemetry;
using VnaCloud.TestKit;

[assembly: AssemblyFixture(typeof(TelemetryStack))]

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>A server (PostgreSQL where there is one, a read cache, a mirror) and a gateway before it, both exporting to one receiver. Begun by the first test that asks.</summary>
public sealed class TelemetryStack : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private readonly Folder _folder = new();
    private string? _whyNot;
    private PostgresServer? _postgres;

    public OtlpSink Sink { get; private set; } = null!;

    public ServerProcess Server { get; private set; } = null!;

    internal GatewaySite Gateway { get; private set; } = null!;

    public bool HasDatabaseServer => Database is not null;

    /// <summary>Connection string of the index; null where it is SQLite's.</summary>
    public string? Database { get; private set; }

    /// <summary>Starts it, once; skips the test where it cannot run.</summary>
    public async Task RequireAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (Sink is null && _whyNot is null)
            {
                await StartAsync(TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            _starting.Release();
        }
        Assert.SkipUnless(_whyNot is null, _whyNot ?? "");
    }

    /// <summary>DCMTK sends files to the gateway, over one association.</summary>
    internal async Task StoreScuAsync(params IReadOnlyList<byte[]> files)
    {
        using var folder = new Folder();
        var paths = files.Select((file, i) => folder.File(string.Create(CultureInfo.InvariantCulture, $"{i}.dcm"), file)).ToList();
        var (code, text) = await Dcmtk.RunAsync("storescu",
            ["-xe", "-aec", "VNACLOUD", "-aet", "DCMTK", Gateway.EndPoint.Address.ToString(), Gateway.EndPoint.Port.ToString(CultureInfo.InvariantCulture), .. paths]);
        Assert.True(code == 0, text);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { Gateway, Server, Sink, _postgres })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }
        _starting.Dispose();
        _folder.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        var (sink, whyNot) = await OtlpSink.StartAsync(cancellation);
        _whyNot = whyNot ?? (Dcmtk.Exists ? null : Dcmtk.Missing);
        if (_whyNot is not null)
        {
            return;
        }
        Sink = sink!;
        _postgres = await PostgresServer.StartAsync(0, durable: false);
        Database = _postgres is null ? null : await _postgres.CreateDatabaseAsync();
        string[] index = Database is null ? [] : ["--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={Database}"];
        string[] codecs = NativeCodecs.Exists ? [$"--Vna:Codecs:Program={NativeCodecs.Program}"] : [];
        Server = await ServerProcess.StartAsync(null, [
            .. index, .. codecs, .. sink!.Settings, "--Vna:Storage:Cache:Enabled=true", $"--Vna:Storage:Cache:Path={Path.Combine(_folder.Path, "cache")}",
            "--Vna:Storage:Mirror:Provider=FileSystem", $"--Vna:Storage:Mirror:Path={Path.Combine(_folder.Path, "second")}"]);
        Gateway = new GatewaySite(Server.BaseUrl, null, sink.Settings);
        await Gateway.StartAsync();
    }
}

using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Tests.Spool;
using VnaCloud.Imaging;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>A spool and what forwards it, without a DIMSE side; its time passes twenty times as fast.</summary>
internal sealed class TestForwarding : IAsyncDisposable
{
    public const double Speed = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Func<TimeProvider, ForwardingService> _make;
    private readonly CodecPool _codecs = new(new CodecOptions { Program = NativeCodecs.Program }, TimeProvider.System);
    private ForwardingService? _service;

    /// <param name="archive">Its service.</param>
    /// <param name="batch">Objects of one request.</param>
    /// <param name="min">Connections to begin with.</param>
    /// <param name="max">Connections at most.</param>
    /// <param name="silence">Seconds, rushed: long enough that a machine that is busy is not taken for a dead archive.</param>
    /// <param name="compression">On the way.</param>
    /// <param name="client">Of an OpenID provider, which gives tokens.</param>
    public TestForwarding(Uri archive, int batch = 10, int min = 4, int max = 8, int silence = 1200, ForwardCompression compression = ForwardCompression.None,
        (string TokenUrl, string ClientId, string SecretFile)? client = null)
    {
        Spool = new TestSpool(time: Time, batch: batch);
        var options = new ArchiveOptions
        {
            Url = archive.AbsoluteUri, BatchObjects = batch, MinConnections = min, FirstConnections = min, MaxConnections = max, SilenceSeconds = silence, LongestPauseSeconds = 8, Compression = compression,
            TokenUrl = client?.TokenUrl, ClientId = client?.ClientId, ClientSecretFile = client?.SecretFile,
        };
        var compressor = new Compressor(_codecs, TimeProvider.System, NullLogger<Compressor>.Instance);
        _make = time => new ForwardingService([options], Spool.Spool, new Bandwidth(new BandwidthOptions(), time), compressor, time, NullLogger<ForwardingService>.Instance);
    }

    public RushedTime Time { get; } = new(Speed);

    public TestSpool Spool { get; }

    public Destination Destination => _service!.Destinations[0];

    public async Task<List<string>> ReceiveAsync(int count, int studies = 1, int first = 1)
    {
        var sops = new List<string>();
        for (var i = first; i < first + count; i++)
        {
            var arrival = Arrival.Ct($"1.2.{i % studies}", $"1.2.9.{i}", i);
            await arrival.StoreAsync(Spool.Spool);
            sops.Add(arrival.From.SopInstanceUid);
        }
        return sops;
    }

    public async Task StartAsync()
    {
        _service = _make(Time);
        await _service.StartAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_service is not null)
        {
            await _service.StopAsync(CancellationToken.None);
            _service.Dispose();
            _service = null;
        }
    }

    /// <summary>Waits until nothing waits any more.</summary>
    public Task DrainAsync() => UntilAsync(() => Spool.Unsent == 0, "objects wait still");

    public static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, otherwise);
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _codecs.DisposeAsync();
        Spool.Dispose();
    }
}

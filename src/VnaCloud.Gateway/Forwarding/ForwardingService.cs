using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>Forwards while the gateway runs, and tidies up.</summary>
internal sealed class ForwardingService : BackgroundService
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);
    private readonly ObjectSpool _spool;
    private readonly Bandwidth _bandwidth;
    private readonly Compressor _compressor;
    private readonly TimeProvider _time;
    private readonly ILogger<ForwardingService> _logger;
    private readonly ForwardingMeter _meter = new();

    public ForwardingService(IReadOnlyList<ArchiveOptions> destinations, ObjectSpool spool, Bandwidth bandwidth, Compressor compressor, TimeProvider time, ILogger<ForwardingService> logger)
    {
        (_spool, _bandwidth, _compressor, _time, _logger) = (spool, bandwidth, compressor, time, logger);
        Destinations = [.. destinations.Select(options => new Destination(options, spool.Queues.Single(queue => queue.Name == options.Name), time))];
        _meter.Observe(Destinations);
    }

    public IReadOnlyList<Destination> Destinations { get; }

    public override void Dispose()
    {
        foreach (var destination in Destinations)
        {
            destination.Dispose();
        }
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var work = new List<Task> { _spool.LoadAsync(stoppingToken), SweepAsync(stoppingToken) };
        work.AddRange(Destinations.Select(destination => new Forwarder(destination, UploadTo(destination), _logger).RunAsync(_time, stoppingToken)));
        await Task.WhenAll(work);
    }

    private Upload UploadTo(Destination destination) =>
        new(destination, _spool, _bandwidth, new OutgoingForms(_compressor, destination.Options.Compression, _spool), _meter, _logger);

    private async Task SweepAsync(CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(SweepEvery, _time, stopping);
            _spool.Sweep();
        }
    }
}

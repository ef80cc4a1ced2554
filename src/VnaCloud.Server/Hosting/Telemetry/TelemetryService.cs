using System.Diagnostics.Metrics;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace VnaCloud.Server.Hosting.Telemetry;

/// <summary>
/// Begins to export, logs at once, spans and metrics when the rehearsal has ended: nothing made up is told. It ends after all other services; a
/// receiver that is down delays that by <see cref="Patience"/> at most.
/// </summary>
internal sealed class TelemetryService(IServiceProvider services, Rehearsal rehearsal, ArchiveHost archive) : BackgroundService
{
    public const string MeterName = "VnaCloud.Server";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Meter _meter = new(MeterName);
    private LoggerProvider? _logs;
    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Providers are made when they are first asked for, and listen from then on.
        _logs = services.GetService<LoggerProvider>();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var limit = (int)Patience.TotalMilliseconds;
        // Side by side: one after the other each would wait for a silent receiver.
        var ends = new[]
        {
            Task.Run(() => _traces?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => _metrics?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => _logs?.Shutdown(limit), CancellationToken.None),
        };
        await ((Task)Task.WhenAll(ends)).WaitAsync(Patience, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _meter.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await rehearsal.Ended.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        _meter.CreateObservableGauge("vna.ready", () => archive.IsServing ? 1 : 0, null, "1 while this server is ready: its index and its object store answer.");
        _metrics = services.GetService<MeterProvider>();
        _traces = services.GetService<TracerProvider>();
    }
}

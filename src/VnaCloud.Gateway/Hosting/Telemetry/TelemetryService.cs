using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace VnaCloud.Gateway.Hosting.Telemetry;

/// <summary>Begins to export with the first hosted service, and ends after the last. A receiver that is down delays the end by <see cref="Patience"/> at most.</summary>
internal sealed class TelemetryService(IServiceProvider services) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // They are made when they are first asked for, and listen from then on.
        services.GetService<MeterProvider>();
        services.GetService<TracerProvider>();
        services.GetService<LoggerProvider>();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var limit = (int)Patience.TotalMilliseconds;
        // Side by side: one after the other each would wait for a silent receiver.
        var ends = new[]
        {
            Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(limit), CancellationToken.None),
        };
        await ((Task)Task.WhenAll(ends)).WaitAsync(Patience, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

using System.Diagnostics.Metrics;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Maintenance;

/// <summary>Keeps the quarantine of this process as the index has it, and what the gauges show.</summary>
internal sealed partial class MaintenanceWatch(ArchiveHost archive, Quarantine quarantine, TimeProvider time, ILogger<MaintenanceWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private UpkeepState? _state;

    /// <summary>Asks the index once.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var state = await archive.Upkeep.Upkeep.UpkeepAsync(Quarantine.MaxMarks, cancellation);
        quarantine.Replace(state.Quarantined);
        Volatile.Write(ref _state, state);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (archive.NotReady is null)
        {
            await RefreshAsync(cancellationToken); // before the first request
        }
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await archive.WhenReadyAsync(stoppingToken))
        {
            return;
        }
        // Of this server's own, so that its gauges end with it.
        using var meter = new Meter(UpkeepMeter.Name);
        Observe(meter, "vna.maintenance.retired_packs", "{pack}", "Packs that wait to be deleted.", state => state.Retired.Count);
        Observe(meter, "vna.maintenance.retired_overdue", "s", "For how long the oldest of them waits.", state => Age(state, state.Retired.Oldest));
        Observe(meter, "vna.maintenance.scrub_age", "s", "For how long the pack that waits longest was not read again.", state => Age(state, state.OldestScrub));
        Observe(meter, "vna.maintenance.mirror_lag", "s", "For how long the oldest object that the second store lacks waits; 0 when it lacks none.", state => Age(state, state.Mirror is [var first, ..] ? first.Since : null));
        Observe(meter, "vna.maintenance.quarantined", "{part}", "Packs and instances that are not served because they are damaged.", state => state.Quarantined.Count);
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RefreshAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // What was known stays known.
                    Log.Failed(logger, failure);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Observe(Meter meter, string name, string unit, string description, Func<UpkeepState, double> value) =>
        meter.CreateObservableGauge(name, () => Volatile.Read(ref _state) is { } state ? [new Measurement<double>(value(state))] : Array.Empty<Measurement<double>>(), unit, description);

    private static double Age(UpkeepState state, DateTimeOffset? since) => since is { } at ? Math.Max(0, (state.Now - at).TotalSeconds) : 0;

    private static partial class Log
    {
        [LoggerMessage(6006, LogLevel.Warning, "The state of maintenance could not be read")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}

internal static class MaintenanceSetup
{
    public static void AddMaintenance(this IServiceCollection services, MaintenanceOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<MirrorKeeper>();
        services.AddSingleton<MaintenanceWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<MaintenanceWatch>());
        services.AddHostedService<MaintenanceService>();
    }
}

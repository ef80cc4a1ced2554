using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Maintenance;

/// <summary>A job of upkeep: its name is that of its lease.</summary>
/// <param name="Name">As the command of the same name.</param>
/// <param name="Every">Time between the end of a run and the next.</param>
/// <param name="RunAsync">One run.</param>
internal sealed record MaintenanceJob(string Name, TimeSpan Every, Func<UpkeepArchive, CancellationToken, Task<UpkeepReport>> RunAsync)
{
    /// <summary>Asked before the lease; null for always.</summary>
    public Func<CancellationToken, Task<bool>>? IsDueAsync { get; init; }
}

/// <summary>Runs each job now and then, on one server at a time. A job that fails is tried again when its time comes.</summary>
internal sealed partial class MaintenanceService(ArchiveHost archive, MirrorKeeper mirror, MaintenanceOptions options, TimeProvider time, ILogger<MaintenanceService> logger) : BackgroundService
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(30);

    // What was acknowledged and is not visible should not stay so; all that is asked is the index's state.
    private static readonly TimeSpan CatchUpEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DerivedEvery = TimeSpan.FromHours(24);

    private readonly string _holder = $"{Environment.MachineName}/{Environment.ProcessId}/{Ulid.New(time)}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Enabled && await archive.WhenReadyAsync(stoppingToken))
        {
            await Task.WhenAll(Jobs().Where(job => job.Every > TimeSpan.Zero).Select(job => LoopAsync(job, stoppingToken)));
        }
    }

    private MaintenanceJob[] Jobs() =>
    [
        new("adopt", CatchUpEvery, (_, token) => archive.Archive.CatchUpAsync(token)) { IsDueAsync = archive.Archive.IsBehindAsync },
        new("checkpoint", TimeSpan.FromSeconds(options.CheckpointSeconds), async (parts, token) =>
        {
            await new ArchivePosition(parts).CheckpointAsync(token);
            return new UpkeepReport();
        }),
        new("compact", TimeSpan.FromSeconds(options.CompactSeconds), (parts, token) => new Compactor(parts).RunAsync(Ignore, token)),
        new("collect", TimeSpan.FromSeconds(options.CollectSeconds), async (parts, token) =>
        {
            await archive.Archive.RemoveAbandonedAsync(token);
            return await new Collector(parts).RunAsync(Ignore, token);
        }),
        new("derived", DerivedEvery, static (parts, token) => new DerivedCollector(parts).RunAsync(token)),
        new("scrub", TimeSpan.FromSeconds(options.ScrubSeconds), (parts, token) => new Scrubber(parts with { Store = archive.Archive.Storage.Primary }).RunAsync(ScrubScope.Due, Ignore, token)),
        new("mirror", archive.Archive.Storage.Mirror is null ? TimeSpan.Zero : TimeSpan.FromSeconds(options.MirrorSeconds),
            (parts, token) => mirror.RunAsync(parts, archive.Archive.Storage, token)),
        new("reconcile", TimeSpan.FromSeconds(options.ReconcileSeconds), (parts, token) => new Reconciler(parts).RunAsync(Ignore, token)),
    ];

    private static void Ignore(long progress)
    {
    }

    private async Task LoopAsync(MaintenanceJob job, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(job.Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await RunLeasedAsync(job, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task RunLeasedAsync(MaintenanceJob job, CancellationToken stopping)
    {
        try
        {
            var parts = archive.Upkeep;
            if (job.IsDueAsync is { } isDue && !await isDue(stopping))
            {
                return;
            }
            if (await parts.Upkeep.LeaseAsync(job.Name, _holder, LeaseTime, stopping) is null)
            {
                return;
            }
            using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var renewing = RenewAsync(parts.Upkeep, job.Name, lost);
            try
            {
                Report(job.Name, await job.RunAsync(parts, lost.Token));
            }
            finally
            {
                await lost.CancelAsync();
                await renewing;
                await parts.Upkeep.LeaseAsync(job.Name, _holder, TimeSpan.Zero, CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            Log.LeaseLost(logger, job.Name);
        }
        // A job must not take the server down with it, whatever happened to it.
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.Failed(logger, failure, job.Name);
        }
    }

    private async Task RenewAsync(IUpkeepIndex index, string job, CancellationTokenSource lost)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(lost.Token))
            {
                if (await index.LeaseAsync(job, _holder, LeaseTime, lost.Token) is null)
                {
                    await lost.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (IOException failure)
        {
            Log.Failed(logger, failure, job);
            await lost.CancelAsync();
        }
    }

    private void Report(string job, UpkeepReport report)
    {
        if (report.Off is { } off)
        {
            Log.Off(logger, job, off);
        }
        foreach (var finding in report.Findings)
        {
            Log.Alarm(logger, job, finding.Kind, finding.Object, finding.Text);
        }
        if (report.Written + report.Deleted + report.Adopted + report.Repaired > 0)
        {
            Log.Done(logger, job, report.Written, report.Deleted, report.Adopted, report.Repaired);
        }
    }

    // A member's name has UIDs: the object's key says enough.
    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Information, "{Job}: {Written} packs written, {Deleted} deleted, {Adopted} instances adopted, {Repaired} packs repaired")]
        public static partial void Done(ILogger logger, string job, long written, long deleted, long adopted, long repaired);

        [LoggerMessage(6002, LogLevel.Error, "Alarm of {Job}: {Kind} {Key}: {Text}")]
        public static partial void Alarm(ILogger logger, string job, FindingKind kind, string key, string text);

        [LoggerMessage(6003, LogLevel.Error, "{Job} is off: {Reason}")]
        public static partial void Off(ILogger logger, string job, string reason);

        [LoggerMessage(6004, LogLevel.Error, "{Job} failed")]
        public static partial void Failed(ILogger logger, Exception failure, string job);

        [LoggerMessage(6005, LogLevel.Warning, "{Job} lost its lease and stopped")]
        public static partial void LeaseLost(ILogger logger, string job);
    }
}

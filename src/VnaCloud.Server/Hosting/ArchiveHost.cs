using Microsoft.Extensions.Diagnostics.HealthChecks;
using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Server.Maintenance;
using VnaCloud.Storage;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// Opens the archive before the first request and closes it after the last. A database or a bucket that cannot be reached is waited
/// for: the server runs, is not ready, and says why.
/// </summary>
internal sealed partial class ArchiveHost(VnaOptions options, MirrorKeeper mirror, TimeProvider time, ILogger<ArchiveHost> logger) : IHostedService, IHealthCheck, IAsyncDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromHours(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OpenArchive? _archive;
    private Task _watch = Task.CompletedTask;
    private long _trouble;
    private int _disposed;

    /// <summary>The open archive; there is one whenever <see cref="NotReady"/> is null.</summary>
    public OpenArchive Archive => _archive ?? throw new InvalidOperationException("The archive is not open yet.");

    /// <summary>The parts that upkeep works with.</summary>
    public UpkeepArchive Upkeep => Archive.Upkeep;

    /// <summary>Tells waiting readers of the change feed that something was committed here.</summary>
    public ChangeSignal Changes { get; } = new();

    /// <summary>Identity of the archive; keys what must be the same on every server and secret to clients.</summary>
    public string ArchiveId => Archive.State.ArchiveId;

    /// <summary>Why nothing is served; null when all is well.</summary>
    public string? NotReady { get; private set; } = "The archive is starting.";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is IndexOpenException or InvalidDataException or UnauthorizedAccessException
            || (failure is IOException && IsLocal))
        {
            throw new StartRefusedException([$"The archive {Where} cannot be opened: {failure.Message}"]);
        }
        catch (IOException unreachable)
        {
            NotReady = unreachable.Message;
            Log.NotReady(logger, NotReady);
        }
        _watch = WatchAsync(_stopping.Token);
    }

    /// <summary>Waits until the archive is open; false when the server ends before.</summary>
    public async Task<bool> WhenReadyAsync(CancellationToken stopping)
    {
        await _ready.Task.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _ready.Task.IsCompleted && !stopping.IsCancellationRequested;
    }

    /// <summary>A request met a store or an index that cannot be reached: other servers should get the next ones until it can.</summary>
    public void ReportTrouble() => Interlocked.Increment(ref _trouble);

    // After Kestrel, which started last, has drained its requests: what is queued is committed, then everything is closed.
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <summary>Whether the archive is open, and store and index answered when they were asked last.</summary>
    public bool IsServing => NotReady is null && Interlocked.Read(ref _trouble) == 0;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsServing ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await _stopping.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_archive is not null)
        {
            await _archive.DisposeAsync();
        }
        _stopping.Dispose();
    }

    private bool IsLocal => options.Index.Provider == IndexProvider.Sqlite && options.Storage.Provider == StorageProvider.FileSystem;

    private string Where => options.Storage.Provider == StorageProvider.FileSystem ? $"in {Path.GetFullPath(options.Storage.Path)}" : $"in the bucket {options.Storage.S3.Bucket}";

    private async Task OpenAsync(CancellationToken cancellation)
    {
        var archive = await OpenArchive.OpenAsync(options, time, Changes, mirror.Damaged, cancellation);
        if (archive.NotReady is { } reason && !archive.IsCatchingUp)
        {
            // Closed until the next try, so that a tool that mends it can have it.
            await archive.DisposeAsync();
            if (NotReady != reason)
            {
                Log.NotReady(logger, reason);
            }
            NotReady = reason;
            return;
        }
        _archive = archive;
        NotReady = archive.NotReady;
        _ready.TrySetResult();
        if (NotReady is not null)
        {
            Log.NotReady(logger, NotReady);
        }
        Log.Opened(logger, Where, archive.State.Studies, archive.State.Instances);
    }

    // Opens what could not be opened, looks at what was in trouble, and probes buckets now and then.
    private async Task WatchAsync(CancellationToken cancellation)
    {
        var probed = time.GetUtcNow();
        while (true)
        {
            await Task.Delay(Again, time, cancellation);
            try
            {
                if (_archive is null)
                {
                    await OpenAsync(cancellation);
                }
                else if (NotReady is not null)
                {
                    await _archive.LookAgainAsync(cancellation);
                    NotReady = _archive.NotReady;
                }
                else if (Interlocked.Read(ref _trouble) is > 0 and var seen || time.GetUtcNow() - probed > ProbeEvery)
                {
                    seen = Interlocked.Read(ref _trouble);
                    await _archive.Index.StateAsync(cancellation);
                    var reason = await _archive.Storage.ProbeAsync(cancellation);
                    probed = time.GetUtcNow();
                    if (reason is null)
                    {
                        // What was reported meanwhile is looked at again.
                        Interlocked.Add(ref _trouble, -seen);
                    }
                    else
                    {
                        ReportTrouble();
                        Log.NotReady(logger, reason);
                    }
                }
            }
            catch (Exception notYet) when (notYet is IOException or IndexOpenException)
            {
                NotReady = _archive is null ? notYet.Message : NotReady;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Information, "Opened the archive {Where}: {Studies} studies, {Instances} instances")]
        public static partial void Opened(ILogger logger, string where, long studies, long instances);

        [LoggerMessage(1102, LogLevel.Error, "Not ready: {Reason}")]
        public static partial void NotReady(ILogger logger, string reason);
    }
}

internal static class ArchiveSetup
{
    private static readonly PathString[] OfArchive = ["/dicom-web", "/changes", "/statistics", "/shares", "/audit", "/viewer/open"];

    /// <summary>Registers the archive and its parts.</summary>
    public static void AddArchive(this IServiceCollection services)
    {
        services.AddSingleton<ArchiveHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ArchiveHost>());
        services.AddHealthChecks().AddCheck<ArchiveHost>("archive");
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Archive.Index);
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Archive.Storage.Store);
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Archive.Journal);
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Archive.Ingest);
        services.AddSingleton<Quarantine>();
        services.AddSingleton<StoredMetadata>();
        services.AddSingleton<Qido.StoredMetadataReader>(provider =>
        {
            var stored = provider.GetRequiredService<StoredMetadata>();
            return async (locator, baseUrl, cancellation) => await stored.ReadAsync(locator, $"{baseUrl}/dicom-web", cancellation);
        });
    }

    /// <summary>Answers 503 while the archive is not ready.</summary>
    public static void UseReadyArchive(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (OfArchive.Any(path => context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal))
            && context.RequestServices.GetRequiredService<ArchiveHost>().NotReady is { } reason)
        {
            await new Http.Problem(StatusCodes.Status503ServiceUnavailable, reason) { RetryAfter = 30 }.ExecuteAsync(context);
            return;
        }
        await next(context);
    });
}

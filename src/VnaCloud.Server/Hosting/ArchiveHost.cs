using Microsoft.Extensions.Diagnostics.HealthChecks;
using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Server.Hosting;

/// <summary>The opened archive: store, index, lane, journal. Opened before the first request, closed after the last.</summary>
internal sealed partial class ArchiveHost(VnaOptions options, TimeProvider time, ILogger<ArchiveHost> logger) : IHostedService, IHealthCheck, IAsyncDisposable
{
    private FolderObjectStore? _store;
    private SqliteArchiveIndex? _index;
    private SignallingIndex? _signalling;
    private JournalWriter? _journal;
    private CommitLane? _lane;
    private Ingest? _ingest;

    public IObjectStore Store => _store ?? throw NotOpen();

    public IArchiveIndex Index => _signalling ?? throw NotOpen();

    /// <summary>The parts that upkeep works with.</summary>
    public UpkeepArchive Upkeep => new(Store, Index, _index ?? throw NotOpen(), Journal, TenantKey, time, options.Maintenance.ToUpkeep());

    /// <summary>Removes what uploads of dead processes left; gives their number.</summary>
    public Task<int> RemoveAbandonedAsync(CancellationToken cancellation) => (_store ?? throw NotOpen()).RemoveAbandonedAsync(cancellation);

    /// <summary>Tells waiting readers of the change feed that something was committed here.</summary>
    public ChangeSignal Changes { get; } = new();

    public JournalWriter Journal => _journal ?? throw NotOpen();

    public Ingest Ingest => _ingest ?? throw NotOpen();

    /// <summary>Identity of the archive; keys what must be the same on every server and secret to clients.</summary>
    public string ArchiveId { get; private set; } = "";

    /// <summary>The tenant's part of object keys.</summary>
    public string TenantKey { get; private set; } = "";

    /// <summary>Why nothing is served; null when all is well.</summary>
    public string? NotReady { get; private set; } = "The archive is starting.";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(options.Storage.Path);
        try
        {
            _store = new FolderObjectStore(Path.Combine(folder, "objects"), time);
            _index = await SqliteArchiveIndex.OpenAsync(new SqliteIndexOptions
            {
                Path = IndexPath(folder),
                Time = time,
                StatementTimeout = TimeSpan.FromSeconds(options.Limits.StatementTimeoutSeconds),
            }, cancellationToken);
            var state = await _index.StateAsync(cancellationToken);
            (ArchiveId, TenantKey) = (state.ArchiveId, state.TenantKey);
            _signalling = new SignallingIndex(_index, Changes);
            _journal = new JournalWriter(_store, _index, state.TenantKey, time);
            NotReady = await ArchiveIdentity.JoinAsync(_store, state, cancellationToken) ?? await PositionAsync(cancellationToken);
            _lane = new CommitLane(_signalling, _journal);
            _ingest = new Ingest(_store, _lane, state.TenantKey, new IngestOptions
            {
                InlineLimit = options.Metadata.InlineLimit,
                MaxInstanceBytes = options.Limits.MaxInstanceBytes,
                Preamble = options.Preamble,
            }, time);
            if (NotReady is null)
            {
                // Decisions of a server that died between its commit and its journal object.
                await _journal.FlushAsync(TenantId.Default, cancellationToken);
                Log.Opened(logger, folder, state.Studies, state.Instances);
            }
            else
            {
                Log.NotReady(logger, NotReady);
            }
        }
        catch (Exception failure) when (failure is IndexOpenException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException([$"The data folder {folder} cannot be opened: {failure.Message}"]);
        }
    }

    // After Kestrel, which started last, has drained its requests: what is queued is committed, then everything is closed.
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(NotReady is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _lane, null) is not { } lane)
        {
            return;
        }
        await lane.DisposeAsync();
        _journal?.Dispose();
        if (_index is not null)
        {
            await _index.DisposeAsync();
        }
        _store?.Dispose();
    }

    // An index that is older than its store would answer wrongly, and collect what it does not know.
    private async Task<string?> PositionAsync(CancellationToken cancellation)
    {
        var position = new ArchivePosition(Upkeep);
        await position.BeginAsync(cancellation);
        return await position.WhyOffAsync(cancellation);
    }

    private string IndexPath(string folder)
    {
        const string prefix = "Data Source=";
        return options.Index.ConnectionString is { } text && text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            ? Path.GetFullPath(text[prefix.Length..].Split(';')[0])
            : Path.Combine(folder, "index.db");
    }

    private static InvalidOperationException NotOpen() => new("The archive is not open yet.");

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Information, "Opened {Folder}: {Studies} studies, {Instances} instances")]
        public static partial void Opened(ILogger logger, string folder, long studies, long instances);

        [LoggerMessage(1102, LogLevel.Error, "Not ready: {Reason}")]
        public static partial void NotReady(ILogger logger, string reason);
    }
}

internal static class ArchiveSetup
{
    /// <summary>Registers the archive and its parts.</summary>
    public static void AddArchive(this IServiceCollection services)
    {
        services.AddSingleton<ArchiveHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ArchiveHost>());
        services.AddHealthChecks().AddCheck<ArchiveHost>("archive");
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Index);
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Store);
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Journal);
        services.AddSingleton(provider => provider.GetRequiredService<ArchiveHost>().Ingest);
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
        if ((context.Request.Path.StartsWithSegments("/dicom-web", StringComparison.Ordinal) || context.Request.Path.StartsWithSegments("/changes", StringComparison.Ordinal))
            && context.RequestServices.GetRequiredService<ArchiveHost>().NotReady is { } reason)
        {
            await new Http.Problem(StatusCodes.Status503ServiceUnavailable, reason) { RetryAfter = 30 }.ExecuteAsync(context);
            return;
        }
        await next(context);
    });
}

using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Statistics;

/// <summary>Counts at most once a minute, and once for all who ask meanwhile (docs/adr/0020).</summary>
internal sealed class RecentStatistics(ArchiveHost archive, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>A leap year.</summary>
    public const int MaxDays = 366;

    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Task<(ArchiveStatistics Statistics, DateTimeOffset At)>? _latest;

    /// <exception cref="SearchTooSlowException">The index took too long.</exception>
    public Task<(ArchiveStatistics Statistics, DateTimeOffset At)> GetAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            // One that runs is waited for, by whoever asks; who goes away does not end it for the others. One that failed is tried again.
            if (_latest is null or { IsFaulted: true } or { IsCanceled: true } || (_latest.IsCompletedSuccessfully && time.GetUtcNow() - _latest.Result.At > MaxAge))
            {
                _latest = CountAsync();
            }
            return _latest.WaitAsync(cancellation);
        }
    }

    private async Task<(ArchiveStatistics Statistics, DateTimeOffset At)> CountAsync()
    {
        await Task.Yield();
        var at = time.GetUtcNow();
        var since = DateOnly.FromDateTime(at.UtcDateTime).AddDays(1 - MaxDays);
        return (await archive.Archive.Statistics.StatisticsAsync(TenantId.Default, since, lifetime.ApplicationStopping), at);
    }
}

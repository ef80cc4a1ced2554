using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Stow;

/// <summary>
/// One process-wide budget for what uploads hold in memory (<c>Vna:Limits:IngestBufferBytes</c>): past it requests wait, and when they
/// have waited long enough they are told to come back.
/// </summary>
internal sealed class StowAdmission(VnaOptions options, TimeSpan patience) : IDisposable
{
    /// <summary>Body buffer, header values, segments and manifest of one request.</summary>
    private const long BytesPerRequest = 4 * 1024 * 1024;

    private readonly SemaphoreSlim _free = new((int)Math.Clamp(options.Limits.IngestBufferBytes / BytesPerRequest, 1, 4096));

    /// <summary>With the patience that clients' own time limits leave room for.</summary>
    public StowAdmission(VnaOptions options)
        : this(options, TimeSpan.FromSeconds(20))
    {
    }

    /// <summary>Seconds after which a refused client may try again.</summary>
    public const int RetryAfterSeconds = 5;

    public async ValueTask<IDisposable?> TryEnterAsync(CancellationToken cancellation) =>
        await _free.WaitAsync(patience, cancellation) ? new Place(_free) : null;

    public void Dispose() => _free.Dispose();

    private sealed class Place(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}

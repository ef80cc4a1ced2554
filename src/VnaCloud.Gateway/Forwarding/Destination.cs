using System.Net.Http.Headers;
using VnaCloud.DicomWeb;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>An archive that is sent to: its client, and what was learnt of it.</summary>
internal sealed class Destination : IDisposable
{
    public Destination(ArchiveOptions options, DestinationQueue queue, TimeProvider time)
    {
        (Options, Queue) = (options, queue);
        Pauses = new RetryPolicy { FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(options.LongestPauseSeconds) };
        Breaker = new CircuitBreaker(Pauses, time);
        Window = new ConnectionWindow(options.MinConnections, options.FirstConnections, options.MaxConnections, time);
        Client = new DicomWebClient(options.Service(time) with { MaxConnections = options.MaxConnections });
    }

    public ArchiveOptions Options { get; }

    public DestinationQueue Queue { get; }

    public RetryPolicy Pauses { get; }

    public CircuitBreaker Breaker { get; }

    public ConnectionWindow Window { get; }

    public DicomWebClient Client { get; }

    /// <summary>Requests under way.</summary>
    public int InFlight { get; set; }

    public void Dispose() => Client.Dispose();
}

/// <summary>A token that somebody else renews in a file.</summary>
internal sealed class BearerToken(string path)
{
    private AuthenticationHeaderValue? _token;

    public async ValueTask<AuthenticationHeaderValue?> GetAsync(bool renew, CancellationToken cancellation)
    {
        if (_token is null || renew)
        {
            try
            {
                _token = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(path, cancellation)).Trim());
            }
            catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or FormatException)
            {
                // The archive will say 401, which is shown.
                _token = null;
            }
        }
        return _token;
    }
}

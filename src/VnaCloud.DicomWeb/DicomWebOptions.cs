using System.Net.Http.Headers;

namespace VnaCloud.DicomWeb;

/// <summary>Where a service is, and how patient its client is.</summary>
public sealed record DicomWebOptions
{
    /// <summary>The base of the service's resources, for example <c>https://pacs.example/dicom-web</c>.</summary>
    public required Uri ServiceUrl { get; init; }

    /// <summary>Connections at once, HTTP/1.1 each. Default 16.</summary>
    public int MaxConnections { get; init; } = 16;

    /// <summary>How long a connection may take to be made, TLS included. Default 15 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time in which no byte moves in either direction. Default 100 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>The TCP congestion control to ask the kernel for, such as <c>bbr</c>; one that it does not offer is passed over. Default its own.</summary>
    public string? CongestionControl { get; init; }

    /// <summary>Credentials for a request. Asked again with <c>true</c> after a 401: those given before are not good any more. Default none.</summary>
    public Func<bool, CancellationToken, ValueTask<AuthenticationHeaderValue?>>? Authorization { get; init; }

    /// <summary>How reads are repeated. Stores are not: what to do about them is their caller's to decide.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>Longest JSON answer, in bytes. Default 256 MiB.</summary>
    public long JsonBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Results to ask for at once in a search. Default 500.</summary>
    public int SearchPage { get; init; } = 500;

    /// <summary>Pages that a search may have. Default 100,000.</summary>
    public int SearchPages { get; init; } = 100_000;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>How often and how fast a read is repeated that failed for a passing reason.</summary>
public sealed record RetryPolicy
{
    /// <summary>Requests in all. Default 4.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Upper bound of the first pause, doubled each time. Default 500 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Upper bound of all pauses but those that the service asks for. Default 30 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause after a failed attempt: at random up to the bound, so that many clients do not come back at once; not before the service allows.</summary>
    /// <param name="attempt">From 1.</param>
    /// <param name="retryAfter">What the service asked for.</param>
    public TimeSpan Pause(int attempt, TimeSpan? retryAfter)
    {
        var bound = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30)));
        var jitter = TimeSpan.FromMilliseconds(bound * (0.5 + (Random.Shared.NextDouble() / 2)));
        return retryAfter is { } asked ? asked + (jitter / 10) : jitter;
    }
}

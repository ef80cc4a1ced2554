namespace VnaCloud.Archive;

/// <summary>The index cannot be asked or cannot take more just now; nothing of the request was changed. The same request works again later.</summary>
/// <param name="message">A sentence for the log.</param>
/// <param name="retryAfter">When to try again.</param>
/// <param name="inner">What the provider said.</param>
public sealed class IndexUnavailableException(string message, TimeSpan retryAfter, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>When to try again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

using System.Globalization;

namespace VnaCloud.Storage;

/// <summary>How the store proves that it has what was sent; each rung is stronger than the one before it.</summary>
public enum IntegrityRung
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Everything written is read back and compared.</summary>
    ReadBack,

    /// <summary>Content-MD5 is enforced, the ETag is the MD5 that we compute, HEAD knows the length.</summary>
    ContentMd5,

    /// <summary>A SHA-256 checksum header is enforced, kept, and told by HEAD.</summary>
    Checksum,
}

/// <summary>One thing that was tried on the bucket.</summary>
/// <param name="Name">What.</param>
/// <param name="Holds">Whether it is so.</param>
/// <param name="Detail">What the store did.</param>
public sealed record ProbeFinding(string Name, bool Holds, string Detail);

/// <summary>What a bucket was seen to do (architecture: the integrity ladder); uploads use the best of it.</summary>
public sealed record StoreCapabilities
{
    /// <summary>When it was tried.</summary>
    public required DateTimeOffset ProbedAt { get; init; }

    /// <summary>The best rung that holds for objects put at once and in parts.</summary>
    public IntegrityRung Rung { get; init; }

    /// <summary>A PUT with <c>If-None-Match: *</c> is refused (412) where the key is taken.</summary>
    public bool ConditionalPut { get; init; }

    /// <summary>The same for the completion of a multipart upload.</summary>
    public bool ConditionalComplete { get; init; }

    /// <summary>Store's clock minus ours, to a second.</summary>
    public TimeSpan ClockSkew { get; init; }

    /// <summary>False where this identity may not delete; then probe objects stay for the bucket's lifecycle rule.</summary>
    public bool CanDelete { get; init; }

    /// <summary>Everything that was tried, in order.</summary>
    public IReadOnlyList<ProbeFinding> Findings { get; init; } = [];

    /// <summary>Why nothing may be written to this bucket; null when all that is needed holds.</summary>
    public string? NotReady { get; init; }

    /// <summary>What works, but worse than it could; for the log at start.</summary>
    public string? Warning { get; init; }

    /// <summary>For people.</summary>
    public string Report => string.Join('\n', [
        string.Create(CultureInfo.InvariantCulture, $"Integrity by {Rung}; conditional create: PUT {(ConditionalPut ? "yes" : "no")}, multipart {(ConditionalComplete ? "yes" : "no")}; clock {ClockSkew.TotalSeconds:+0;-0;0} s."),
        .. Findings.Select(finding => $"  {(finding.Holds ? "yes" : "NO ")}  {finding.Name}: {finding.Detail}"),
        .. new[] { Warning is null ? null : $"Warning: {Warning}", NotReady is null ? null : $"Not ready: {NotReady}" }.OfType<string>()]);
}

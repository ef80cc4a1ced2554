namespace VnaCloud.Storage;

/// <summary>How the mirror turns from one side to the other (<c>Vna:Storage:Mirror</c>).</summary>
public sealed record MirrorOptions
{
    /// <summary>How long the primary may take for a read before the secondary is asked. Default 2 s.</summary>
    public TimeSpan ReadPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a primary that fails is not asked at all. Default 5 s.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Told the key of an object that the secondary had to serve because the primary lacks it or has less of it; for the repair queue.
    /// Called on the reader's time: it must not wait.
    /// </summary>
    public Action<string>? Damaged { get; init; }
}

/// <summary>What became of a copy or a repair.</summary>
public enum MirrorOutcome
{
    /// <summary>Written, read back, and equal by digest.</summary>
    Copied,

    /// <summary>Both sides are equal by digest already.</summary>
    Equal,

    /// <summary>There is nothing to copy from: deleted since it was queued.</summary>
    SourceMissing,

    /// <summary>Both sides have an object of this key, and they differ; nothing was changed. An alarm.</summary>
    Different,
}

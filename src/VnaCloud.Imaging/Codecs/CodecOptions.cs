namespace VnaCloud.Imaging;

/// <summary>Codec workers and what each of them may use.</summary>
public sealed record CodecOptions
{
    /// <summary>The program <c>vna-codec</c>; where it is missing, what it would decode is refused (<see cref="CodecUnavailableException"/>).</summary>
    public required string Program { get; init; }

    /// <summary>Workers side by side; each takes one frame at a time. Default: one for each processor.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Requests that may wait for a worker; more are refused as busy. Default 256.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Address space of a worker in MiB, its frames included. Default 2048.</summary>
    public int MemoryMiB { get; init; } = 2048;

    /// <summary>Processor time of one frame in seconds, and one more for each 8 MiB of it. Default 5.</summary>
    public int CpuSeconds { get; init; } = 5;

    /// <summary>Time of one frame from request to answer. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of a decoded frame. Default 512 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 512 * 1024 * 1024;

    /// <summary>Shared memory that a worker keeps for the next frame; one that had more is replaced. Default 64 MiB.</summary>
    public long KeptBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How often a frame may end workers before it is refused without another try. Default 2.</summary>
    public int MaxCrashes { get; init; } = 2;

    /// <summary>How long a frame is refused that ended workers. Default an hour.</summary>
    public TimeSpan CrashMemory { get; init; } = TimeSpan.FromHours(1);
}

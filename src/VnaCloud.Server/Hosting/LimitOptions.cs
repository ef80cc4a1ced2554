using System.ComponentModel.DataAnnotations;

namespace VnaCloud.Server.Hosting;

/// <summary><c>Vna:Limits</c>: how much one request, or all together, may ask for.</summary>
internal sealed class LimitOptions
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const long GiB = 1024 * MiB;

    /// <summary>Bytes of one instance. Default 16 GiB.</summary>
    [Range(MiB, 1024 * GiB)]
    public long MaxInstanceBytes { get; init; } = 16 * GiB;

    /// <summary>Instances in one STOW request. Default 50,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxPartsPerRequest { get; init; } = 50_000;

    /// <summary>Header bytes of one part. Default 16 KB.</summary>
    [Range(1024, 1024 * 1024)]
    public int MaxPartHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>A slower request body is refused with 408. Default 240 B/s; 0 for no limit.</summary>
    [Range(0, 1024 * 1024)]
    public int MinRequestBytesPerSecond { get; init; } = 240;

    /// <summary>A client that reads an answer slower is disconnected. Default 10,240 B/s; 0 for no limit.</summary>
    [Range(0, 1024 * 1024)]
    public int MinResponseBytesPerSecond { get; init; } = 10 * 1024;

    /// <summary>Seconds for a request's headers to arrive. Default 15.</summary>
    [Range(1, 600)]
    public int RequestHeaderSeconds { get; init; } = 15;

    /// <summary>Bytes that all uploads together may hold in memory. Default 96 MiB.</summary>
    [Range(8 * MiB, 64 * GiB)]
    public long IngestBufferBytes { get; init; } = 96 * MiB;

    /// <summary>Rows of one search, whatever its limit parameter says. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int QidoMaxResults { get; init; } = 5000;

    /// <summary>Rows of a search without limit parameter. Default 100.</summary>
    [Range(1, 100_000)]
    public int QidoDefaultLimit { get; init; } = 100;

    /// <summary>Frames in one request. Default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxFramesPerRequest { get; init; } = 1000;

    /// <summary>Seconds of one database statement. Default 5.</summary>
    [Range(1, 600)]
    public int StatementTimeoutSeconds { get; init; } = 5;

    /// <summary>Seconds that running requests have to end after SIGTERM. Default 30.</summary>
    [Range(1, 3600)]
    public int DrainSeconds { get; init; } = 30;
}

using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Http.Multipart;

/// <summary>What one multipart body may hold. Past a limit reading stops with <see cref="MultipartFormatException"/>.</summary>
internal sealed record MultipartLimits
{
    /// <summary>Longest boundary, in characters: RFC 2046 5.1.1 allows 70, and Orthanc sends two UUIDs, which are 73.</summary>
    public const int BoundaryLength = 128;

    public static readonly MultipartLimits Default = new();

    /// <summary>As configured under <c>Vna:Limits</c>.</summary>
    public static MultipartLimits Of(LimitOptions options) => new()
    {
        Parts = options.MaxPartsPerRequest,
        PartBytes = options.MaxInstanceBytes,
        PartHeaderBytes = options.MaxPartHeaderBytes,
    };

    /// <summary>Parts in one body. Default 50,000.</summary>
    public int Parts { get; init; } = 50_000;

    /// <summary>Bytes of one part's content. Default 16 GiB.</summary>
    public long PartBytes { get; init; } = 16L * 1024 * 1024 * 1024;

    /// <summary>Header fields of one part. Default 16.</summary>
    public int PartHeaders { get; init; } = 16;

    /// <summary>Bytes of one part's header fields, padding of the delimiter line included. Default 16 KB.</summary>
    public int PartHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Bytes before the first delimiter; they are ignored. Default 64 KiB.</summary>
    public int PreambleBytes { get; init; } = 64 * 1024;
}

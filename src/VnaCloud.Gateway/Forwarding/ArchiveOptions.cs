using System.ComponentModel.DataAnnotations;
using VnaCloud.DicomWeb;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary><c>Gateway:Archive</c>, and each of <c>Gateway:Destinations</c>: an archive that objects are sent to.</summary>
internal sealed class ArchiveOptions
{
    /// <summary>The name of <c>Gateway:Archive</c>, where everything goes that no rule sends elsewhere.</summary>
    public const string Main = "archive";

    private const long MB = 1_000_000;

    /// <summary>How rules name it. Default archive.</summary>
    public string Name { get; init; } = Main;

    /// <summary>The DICOMweb service, for example <c>https://pacs.example/dicom-web</c>. Default <c>http://127.0.0.1:8080/dicom-web</c>.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8080/dicom-web";

    /// <summary>A file with the bearer token of this gateway, read again when the archive does not take it any more. Default none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The token endpoint of an OpenID provider, where this gateway gets tokens by client credentials. Default none.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>With TokenUrl: the client.</summary>
    public string? ClientId { get; init; }

    /// <summary>With TokenUrl: a file with the client's secret.</summary>
    public string? ClientSecretFile { get; init; }

    /// <summary>With TokenUrl: the scopes asked for. Default <c>read write</c>.</summary>
    public string Scope { get; init; } = "read write";

    /// <summary>Objects of one request. Default 10.</summary>
    [Range(1, 1000)]
    public int BatchObjects { get; init; } = 10;

    /// <summary>Bytes of one request, unless one object alone has more. Default 32 MB.</summary>
    [Range(MB, 10_000 * MB)]
    public long BatchBytes { get; init; } = 32 * MB;

    /// <summary>Connections to keep, whatever the archive asks for. Default 4.</summary>
    [Range(1, 64)]
    public int MinConnections { get; init; } = 4;

    /// <summary>Connections to begin with: a study over a long line is half sent before more were tried. Default 16.</summary>
    [Range(1, 256)]
    public int FirstConnections { get; init; } = 16;

    /// <summary>Connections at most. Default 64.</summary>
    [Range(1, 256)]
    public int MaxConnections { get; init; } = 64;

    /// <summary>Seconds in which no byte moves before a request is given up and tried again. Default 60.</summary>
    [Range(1, 3600)]
    public int SilenceSeconds { get; init; } = 60;

    /// <summary>The longest pause between attempts, in seconds, unless the archive asks for a longer one. Default 30.</summary>
    [Range(1, 3600)]
    public int LongestPauseSeconds { get; init; } = 30;

    /// <summary>Attempts after which an object that the archive refuses is set aside. What may pass is tried for ever. Default 3.</summary>
    [Range(1, 100)]
    public int QuarantineAfter { get; init; } = 3;

    /// <summary>TCP congestion control, where the kernel offers it. Default bbr: a lossy line stays full.</summary>
    public string CongestionControl { get; init; } = "bbr";

    /// <summary>Lossless compression, on the way, of images that came uncompressed: None, JpegLs or Htj2k, where it saves a tenth or more. Default None.</summary>
    public ForwardCompression Compression { get; init; }

    public BatchLimits Batches => new(BatchObjects, BatchBytes);

    /// <summary>How a client of its service is set up; it has connections of its own, as many as the client's default.</summary>
    public DicomWebOptions Service(TimeProvider time) => new()
    {
        ServiceUrl = new Uri(Url),
        Silence = TimeSpan.FromSeconds(SilenceSeconds),
        CongestionControl = CongestionControl,
        Authorization = TokenUrl is not null ? new ClientCredentials(TokenUrl, ClientId!, ClientSecretFile!, Scope, time).GetAsync
            : TokenFile is not null ? new BearerToken(TokenFile).GetAsync : null,
        Time = time,
    };
}

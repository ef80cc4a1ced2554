using System.ComponentModel.DataAnnotations;
using VnaCloud.Archive;
using VnaCloud.Index;
using VnaCloud.Storage;

namespace VnaCloud.Server.Hosting;

/// <summary>All settings: the configuration section <c>Vna</c>. Defaults are the initialisers, limits the attributes.</summary>
internal sealed class VnaOptions
{
    public const string Section = "Vna";

    public IndexOptions Index { get; init; } = new();

    public StorageOptions Storage { get; init; } = new();

    /// <summary>Base of absolute URLs in answers, for example <c>https://pacs.example/vna</c>. Default: as the request says.</summary>
    public string? PublicBaseUrl { get; init; }

    /// <summary>More host names that requests may name, such as a Service's inside a cluster. Default: those it listens on, and that of <see cref="PublicBaseUrl"/>.</summary>
    public string[] Hosts { get; init; } = [];

    public ForwardedHeaderOptions ForwardedHeaders { get; init; } = new();

    public CorsOptions Cors { get; init; } = new();

    public Access.AuthOptions Auth { get; init; } = new();

    public LimitOptions Limits { get; init; } = new();

    public MetadataOptions Metadata { get; init; } = new();

    public QidoOptions Qido { get; init; } = new();

    public CodecSettings Codecs { get; init; } = new();

    public Viewer.ViewerOptions Viewer { get; init; } = new();

    public Maintenance.MaintenanceOptions Maintenance { get; init; } = new();

    /// <summary>The 128 bytes before "DICM" (PS3.10 7.1), which can make a file run as a program. Default Zeroed.</summary>
    public PreamblePolicy Preamble { get; init; } = PreamblePolicy.Zeroed;

    /// <summary>Whether the server tries itself out before it is ready, so that the first requests are fast. Default true.</summary>
    public bool Rehearsal { get; init; } = true;
}

internal sealed class ForwardedHeaderOptions
{
    /// <summary>Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded headers are believed. Default none.</summary>
    public string[] KnownProxies { get; init; } = [];
}

internal sealed class CorsOptions
{
    /// <summary>Origins (scheme://host:port) whose pages may read and write. Default none.</summary>
    public string[] Origins { get; init; } = [];
}

internal sealed class MetadataOptions
{
    /// <summary>Bytes up to which a binary value stands in the metadata itself. Baked into packs. Default 4,096.</summary>
    [Range(64, 1024 * 1024)]
    public int InlineLimit { get; init; } = 4096;
}

internal sealed class QidoOptions
{
    /// <summary>Status of a search without matches: 200 with <c>[]</c> (CP-2473), or 204 as older clients expect. Default 200.</summary>
    [AllowedValues(200, 204)]
    public int EmptyResult { get; init; } = StatusCodes.Status200OK;
}

using System.ComponentModel.DataAnnotations;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Remotes;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Hosting;

/// <summary>All settings: the configuration section <c>Gateway</c>. Defaults are the initialisers, limits the attributes.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>The AE title of this gateway. Default VNACLOUD.</summary>
    public string AeTitle { get; init; } = "VNACLOUD";

    public DimseSettings Dimse { get; init; } = new();

    public SpoolOptions Spool { get; init; } = new();

    /// <summary>Where everything goes that no rule sends elsewhere.</summary>
    public ArchiveOptions Archive { get; init; } = new();

    /// <summary>More archives, for rules to name. Default none.</summary>
    public ArchiveOptions[] Destinations { get; init; } = [];

    /// <summary>Which objects go elsewhere, or sooner or later than others. Default none.</summary>
    public RuleOptions[] Rules { get; init; } = [];

    public BandwidthOptions Bandwidth { get; init; } = new();

    /// <summary>Devices and workstations of the site. Default none: on loopback anybody is let in, elsewhere nobody.</summary>
    public RemoteAe[] RemoteAes { get; init; } = [];

    public HttpOptions Http { get; init; } = new();

    public CodecProgram Codecs { get; init; } = new();

    /// <summary>Every archive that is sent to.</summary>
    public IReadOnlyList<ArchiveOptions> AllDestinations => [Archive, .. Destinations];
}

/// <summary><c>Gateway:Http</c>: health and status.</summary>
internal sealed class HttpOptions
{
    /// <summary>Addresses to listen on, separated by semicolons. Default http://127.0.0.1:8081.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8081";
}

/// <summary><c>Gateway:Codecs</c>.</summary>
internal sealed class CodecProgram
{
    /// <summary>The codec worker. Default none.</summary>
    public string? Program { get; init; }
}

using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>
/// One of <c>Gateway:Rules</c>: the first whose conditions all hold says where an object goes, and how soon. No rule drops anything. In conditions
/// <c>*</c> stands for any characters, <c>?</c> for one.
/// </summary>
internal sealed class RuleOptions
{
    /// <summary>AE title of the sender. Default any.</summary>
    public string? CallingAe { get; init; }

    /// <summary>AE title that was called. Default any.</summary>
    public string? CalledAe { get; init; }

    /// <summary>Modality (0008,0060). Default any.</summary>
    public string? Modality { get; init; }

    /// <summary>Eight hexadecimal digits: an attribute before the pixel data. Default none.</summary>
    public string? Tag { get; init; }

    /// <summary>What one of the values of <see cref="Tag"/> must be.</summary>
    public string? Value { get; init; }

    /// <summary>Stat, Normal or Backload. Default Normal.</summary>
    public Lane Lane { get; init; } = Lane.Normal;

    /// <summary>Name of one of <c>Gateway:Destinations</c>. Default archive.</summary>
    public string Destination { get; init; } = ArchiveOptions.Main;
}

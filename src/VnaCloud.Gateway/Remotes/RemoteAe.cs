using System.ComponentModel.DataAnnotations;

namespace VnaCloud.Gateway.Remotes;

/// <summary>How the result of a storage commitment gets to the device that asked (PS3.4 J.3.3).</summary>
internal enum CommitmentReports
{
    /// <summary>On the association of the request while it is open, else on a new one.</summary>
    SameFirst,

    /// <summary>Always on a new association.</summary>
    NewAssociation,

    /// <summary>When the device next opens an association that negotiates storage commitment: it takes no connections.</summary>
    NextAssociation,
}

/// <summary><c>Gateway:RemoteAes</c>: an application entity on site, what it may do, and what its makers got wrong.</summary>
internal sealed class RemoteAe
{
    /// <summary>AE title, as it calls and is called; case matters.</summary>
    public string AeTitle { get; init; } = "";

    /// <summary>Where it listens, for C-MOVE and reports of storage commitment; empty: it is not called.</summary>
    public string Host { get; init; } = "";

    /// <summary>Port that it listens at. Default 104.</summary>
    [Range(1, 65_535)]
    public int Port { get; init; } = 104;

    /// <summary>It is called with TLS. Default false.</summary>
    public bool Tls { get; init; }

    /// <summary>
    /// Addresses or networks (10.1.2.0/24) that it calls from. Default: <see cref="Host"/> where that is an address; without either, any: an AE title
    /// alone proves nothing.
    /// </summary>
    public string[] Addresses { get; init; } = [];

    /// <summary>Its certificate must be for this name (subject alternative name or common name) when it calls. Default: none is asked for.</summary>
    public string CertificateName { get; init; } = "";

    /// <summary>It may store. Default true.</summary>
    public bool MayStore { get; init; } = true;

    /// <summary>It may query and retrieve. Default true.</summary>
    public bool MayQuery { get; init; } = true;

    /// <summary>Others may send to it by C-MOVE. Default true, where it has a host.</summary>
    public bool IsMoveDestination { get; init; } = true;

    /// <summary>SOP classes beyond the standard's storage classes, such as private ones. What is not listed is refused, and counted.</summary>
    public string[] PrivateSopClasses { get; init; } = [];

    /// <summary>Transfer syntaxes that are taken from it, best first. Default: lossless compressed, lossy, Explicit, then Implicit VR.</summary>
    public string[] TransferSyntaxes { get; init; } = [];

    /// <summary>Character set (Defined Term) of answers to its queries. Default: the request's, or UTF-8 where that cannot say it.</summary>
    public string CharacterSet { get; init; } = "";

    /// <summary>It takes C-STORE of C-GET without negotiating the role for it. Default false.</summary>
    public bool IgnoresRoles { get; init; }

    /// <summary>How it gets results of storage commitment. Default SameFirst.</summary>
    public CommitmentReports CommitmentReports { get; init; } = CommitmentReports.SameFirst;

    /// <summary>Associations that it may have at once. Default 50.</summary>
    [Range(1, 1_000)]
    public int MaxAssociations { get; init; } = 50;
}

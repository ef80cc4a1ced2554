using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.Gateway.Remotes;

/// <summary>
/// The application entities that the gateway knows. On loopback an empty table lets anybody in: a first try needs no configuration. Off loopback
/// it lets nobody in.
/// </summary>
internal sealed class RemoteAes
{
    private readonly IReadOnlyList<RemoteAe> _table;
    private readonly bool _isLoopback;
    private readonly Dictionary<RemoteAe, IReadOnlyList<IPNetwork>> _networks;

    /// <exception cref="FormatException">An address is none; settings were checked before.</exception>
    public RemoteAes(IReadOnlyList<RemoteAe> table, IPAddress listening)
    {
        (_table, _isLoopback) = (table, IPAddress.IsLoopback(listening));
        _networks = table.ToDictionary(remote => remote, Networks);
    }

    /// <summary>Who may call so from there; null for nobody.</summary>
    /// <param name="callingAe">As it was sent, without padding.</param>
    /// <param name="address">Where the connection comes from.</param>
    /// <param name="certificate">Verified; null without mutual TLS.</param>
    public RemoteAe? Find(string callingAe, IPAddress address, X509Certificate2? certificate)
    {
        if (_table.Count == 0)
        {
            return _isLoopback ? new RemoteAe { AeTitle = callingAe, IsMoveDestination = false } : null;
        }
        var from = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _table.FirstOrDefault(remote => remote.AeTitle == callingAe
            && (_networks[remote] is not { Count: > 0 } networks || networks.Any(network => network.Contains(from)))
            && (remote.CertificateName.Length == 0 || certificate?.MatchesHostname(remote.CertificateName, allowCommonName: true) == true));
    }

    /// <summary>Where C-MOVE may send to; null for an unknown destination (A801H).</summary>
    public RemoteAe? Destination(string aeTitle) => _table.FirstOrDefault(remote => remote.AeTitle == aeTitle && remote.IsMoveDestination && remote.Host.Length > 0);

    /// <summary>Where a report of storage commitment goes that cannot go over the association of its request; null when it cannot be called.</summary>
    public RemoteAe? Callable(string aeTitle) => _table.FirstOrDefault(remote => remote.AeTitle == aeTitle && remote.Host.Length > 0);

    /// <summary>How a device gets its reports of storage commitment.</summary>
    public CommitmentReports ReportsTo(string aeTitle) => _table.FirstOrDefault(remote => remote.AeTitle == aeTitle)?.CommitmentReports ?? CommitmentReports.SameFirst;

    /// <summary>Whether a setting is an address or a network.</summary>
    public static bool IsNetwork(string text) => IPNetwork.TryParse(text, out _) || IPAddress.TryParse(text, out _);

    private static IReadOnlyList<IPNetwork> Networks(RemoteAe remote) => remote.Addresses.Length > 0 ? [.. remote.Addresses.Select(Network)]
        : IPAddress.TryParse(remote.Host, out _) ? [Network(remote.Host)]
        : [];

    private static IPNetwork Network(string text) => IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.Parse(text) is var address ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : default;
}

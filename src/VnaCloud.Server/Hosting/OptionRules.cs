using System.Net;
using VnaCloud.Server.Access;
using VnaCloud.Storage;

namespace VnaCloud.Server.Hosting;

/// <summary>What settings must not be together, or cannot be yet. One sentence each.</summary>
internal static class OptionRules
{
    public static IEnumerable<string> Check(VnaOptions options, IReadOnlyList<string> addresses) =>
        [.. Incomplete(options), .. StorageSetup.Check(options.Storage), .. Exposed(options, addresses), .. Addresses(options), .. Limits(options.Limits)];

    /// <summary>An absolute http(s) URL without query, fragment and user.</summary>
    public static Uri? HttpUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        && url is { Query: "", Fragment: "", UserInfo: "" } ? url : null;

    private static IEnumerable<string> Incomplete(VnaOptions options)
    {
        foreach (var problem in options.Index.Problems())
        {
            yield return problem;
        }
        foreach (var problem in options.Auth.Problems())
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> Exposed(VnaOptions options, IReadOnlyList<string> addresses)
    {
        if (options.Auth.Mode == AuthMode.Unset && addresses.FirstOrDefault(a => !ListenAddresses.IsLoopback(a)) is { } exposed)
        {
            yield return $"Without authentication the archive would be open to everyone who reaches {exposed}; "
                + $"listen on {ListenAddresses.Default}, or set Vna:Auth:Mode=None if that is what you want.";
        }
    }

    private static IEnumerable<string> Addresses(VnaOptions options)
    {
        if (options.PublicBaseUrl is { } url && HttpUrl(url) is null)
        {
            yield return "Vna:PublicBaseUrl must be an absolute http or https URL without query, such as https://pacs.example/vna.";
        }
        foreach (var (host, i) in options.Hosts.Select((host, i) => (host, i)))
        {
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            {
                yield return $"Vna:Hosts:{i} must be a host name or an address without scheme, port and path, such as vnacloud.imaging.svc; wildcards are not taken.";
            }
        }
        foreach (var (origin, i) in options.Cors.Origins.Select((origin, i) => (origin, i)))
        {
            if (HttpUrl(origin) is not { AbsolutePath: "/" } || origin.EndsWith('/'))
            {
                yield return $"Vna:Cors:Origins:{i} must be scheme://host or scheme://host:port, without path; wildcards are not taken.";
            }
        }
        foreach (var (proxy, i) in options.ForwardedHeaders.KnownProxies.Select((proxy, i) => (proxy, i)))
        {
            if (!IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _))
            {
                yield return $"Vna:ForwardedHeaders:KnownProxies:{i} must be an IP address or a network such as 10.0.0.0/8.";
            }
        }
    }

    private static IEnumerable<string> Limits(LimitOptions limits)
    {
        if (limits.QidoDefaultLimit > limits.QidoMaxResults)
        {
            yield return "Vna:Limits:QidoDefaultLimit must not be greater than Vna:Limits:QidoMaxResults.";
        }
    }
}

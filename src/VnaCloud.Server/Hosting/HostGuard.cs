using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// Without authentication a browser inside the network must not become a stranger's way in. A name that was rebound to our
/// address arrives as a foreign Host; a page of another site arrives with a foreign Origin.
/// </summary>
internal sealed class HostGuard
{
    private readonly RequestDelegate _next;
    private readonly string? _publicHost;
    private readonly string? _publicOrigin;
    private readonly HashSet<string> _corsOrigins;
    private readonly HashSet<string> _hosts;
    private readonly Lazy<BoundHosts> _bound;

    public HostGuard(RequestDelegate next, VnaOptions options, IServer server)
    {
        _next = next;
        var publicUrl = options.PublicBaseUrl is { } text ? OptionRules.HttpUrl(text) : null;
        _publicHost = publicUrl?.Host;
        _publicOrigin = publicUrl?.GetLeftPart(UriPartial.Authority);
        _corsOrigins = new HashSet<string>(options.Cors.Origins, StringComparer.OrdinalIgnoreCase);
        _hosts = new HashSet<string>(options.Hosts, StringComparer.OrdinalIgnoreCase);
        // Addresses are known only once the server listens.
        _bound = new Lazy<BoundHosts>(() => BoundHosts.Of(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []));
    }

    public Task InvokeAsync(HttpContext context) =>
        !IsOwnHost(context.Request.Host.Host)
            ? new Problem(
                StatusCodes.Status421MisdirectedRequest,
                "This server does not answer to the host name of the request; set Vna:PublicBaseUrl to the address that clients use, or add the name to Vna:Hosts.").ExecuteAsync(context)
        : IsForeignWrite(context.Request)
            ? new Problem(
                StatusCodes.Status403Forbidden,
                "Pages of another origin may not write here; add the origin to Vna:Cors:Origins if it is trusted.").ExecuteAsync(context)
        : _next(context);

    private bool IsOwnHost(string host)
    {
        host = host.Trim('[', ']');
        return ListenAddresses.IsLoopbackHost(host)
            || host.Equals(_publicHost?.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
            || _hosts.Contains(host)
            || _bound.Value.Has(host);
    }

    private bool IsForeignWrite(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        {
            return false;
        }
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0
            ? !IsOwnOrigin(request, origin) && !_corsOrigins.Contains(origin)
            : request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";
    }

    private bool IsOwnOrigin(HttpRequest request, string origin) =>
        origin.Equals($"{request.Scheme}://{request.Host.ToUriComponent()}", StringComparison.OrdinalIgnoreCase)
        || origin.Equals(_publicOrigin, StringComparison.OrdinalIgnoreCase);

    /// <summary>Names and addresses that the server listens on.</summary>
    /// <param name="Names">Hosts of the addresses.</param>
    /// <param name="Everywhere">
    /// Listening on all interfaces, which somebody allowed explicitly: then any IP address is ours, because a rebound host is
    /// always a name, and so is the machine's own name.
    /// </param>
    private sealed record BoundHosts(HashSet<string> Names, bool Everywhere)
    {
        public static BoundHosts Of(IEnumerable<string> addresses)
        {
            var hosts = addresses.Select(BindingAddress.Parse).Where(a => !a.IsUnixPipe).Select(a => a.Host.Trim('[', ']')).ToList();
            var everywhere = hosts.Any(host => host is "*" or "+" or "0.0.0.0" or "::");
            return new BoundHosts(new HashSet<string>(everywhere ? [.. hosts, Dns.GetHostName()] : hosts, StringComparer.OrdinalIgnoreCase), everywhere);
        }

        public bool Has(string host) => Names.Contains(host) || (Everywhere && IPAddress.TryParse(host, out _));
    }
}

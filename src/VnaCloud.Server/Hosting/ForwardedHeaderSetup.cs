using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace VnaCloud.Server.Hosting;

internal static class ForwardedHeaderSetup
{
    /// <summary>Believes X-Forwarded-For, -Proto, -Host and -Prefix of the listed proxies, and of nobody when none is listed.</summary>
    public static void UseKnownProxies(this WebApplication app, ForwardedHeaderOptions options)
    {
        if (options.KnownProxies.Length == 0)
        {
            return;
        }
        // Every hop must be listed, so their number needs no limit.
        var headers = new Microsoft.AspNetCore.Builder.ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All, ForwardLimit = null };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var proxy in options.KnownProxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                headers.KnownProxies.Add(address);
            }
            else
            {
                headers.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        }
        app.UseForwardedHeaders(headers);
    }
}

using System.Net;

namespace VnaCloud.Server.Hosting;

/// <summary>Where the server will listen, known before it does: exposure without authentication is refused, not noticed.</summary>
internal static class ListenAddresses
{
    public const string Default = "http://127.0.0.1:8080";

    /// <summary>The addresses that Kestrel will take from this configuration, in its order of precedence.</summary>
    public static IReadOnlyList<string> Read(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0)
        {
            return endpoints;
        }
        var urls = Split(configuration["urls"]).ToList();
        if (urls.Count > 0)
        {
            return urls;
        }
        return [
            .. Split(configuration["http_ports"]).Select(port => $"http://*:{port}"),
            .. Split(configuration["https_ports"]).Select(port => $"https://*:{port}")];
    }

    /// <summary>Whether only this machine can connect. An address that cannot be read is not loopback.</summary>
    public static bool IsLoopback(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            return binding.IsUnixPipe || IsLoopbackHost(binding.Host);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));

    private static string[] Split(string? text) =>
        text?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}

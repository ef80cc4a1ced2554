using VnaCloud.EndToEnd.Tests.Cloud;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Browser;

/// <summary>
/// An archive as a browser reaches it: one server on SQLite and a folder; with <c>VNA_STACK=cloud</c> one on PostgreSQL and Ceph, behind nginx and
/// under a path.
/// </summary>
internal sealed class BrowserSite : IAsyncDisposable
{
    private readonly ServerProcess _server;
    private readonly Nginx? _nginx;

    private BrowserSite(ServerProcess server, Nginx? nginx)
    {
        (_server, _nginx) = (server, nginx);
        BaseUrl = nginx is null ? server.BaseUrl : new Uri(nginx.BaseUrl, "pacs/");
    }

    /// <summary>Ends with a slash.</summary>
    public Uri BaseUrl { get; }

    /// <param name="cloud">Where PostgreSQL and Ceph come from.</param>
    /// <param name="arguments">More of the server's command line.</param>
    public static async Task<BrowserSite> StartAsync(CloudServers cloud, params string[] arguments) =>
        Stack.IsCloud ? await StartUnderPathAsync([.. arguments, .. (await cloud.NewArchiveAsync()).Arguments(10)])
            : new(await ServerProcess.StartAsync(null, arguments), null);

    /// <summary>A server behind nginx, under a path.</summary>
    public static async Task<BrowserSite> StartUnderPathAsync(string[] arguments)
    {
        var server = await ServerProcess.StartAsync(null, [.. arguments, "--Vna:ForwardedHeaders:KnownProxies:0=127.0.0.1"]);
        try
        {
            return new(server, await Nginx.StartUnderAsync("/pacs/", server.BaseUrl));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            await _nginx.DisposeAsync();
        }
        await _server.DisposeAsync();
    }
}

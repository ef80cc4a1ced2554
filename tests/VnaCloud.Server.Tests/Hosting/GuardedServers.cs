using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using VnaCloud.Server.Http;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>Servers with endpoints that tell what the guard lets through, one for each set of settings that a class of tests asks for.</summary>
public sealed class GuardedServers : IAsyncDisposable
{
    private readonly Dictionary<string, TestServer> _bySettings = [];

    internal async Task<TestServer> GetAsync(params string[] settings)
    {
        var key = string.Join('\n', settings);
        return _bySettings.TryGetValue(key, out var server) ? server : _bySettings[key] = await TestServer.StartAsync(settings, MapStudies);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _bySettings.Values)
        {
            await server.DisposeAsync();
        }
    }

    private static void MapStudies(IEndpointRouteBuilder app)
    {
        app.MapMethods("/studies", ["GET", "POST", "PUT", "DELETE"], () => "ok");
        app.MapGet("/fails", string () => throw new InvalidOperationException());
        app.MapGet("/base", (HttpRequest request, BaseUrl baseUrl) => baseUrl.Of(request));
    }
}

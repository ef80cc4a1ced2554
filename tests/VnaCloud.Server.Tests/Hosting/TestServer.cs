using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VnaCloud.Server.Access;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>
/// The real server on a free loopback port, with endpoints of the test's own. On the balanced stack it is two servers, equal but for
/// their folders, whose log lines come together, and the address is nginx's.
/// </summary>
internal sealed class TestServer : IAsyncDisposable
{
    // Watching files for changes takes one of the few inotify instances that a user has, for each server.
    private static readonly string[] Defaults = ["--urls", "http://127.0.0.1:0", "--Vna:Rehearsal", "false", "--Vna:Codecs:Program", NativeCodecs.Program, "--hostBuilder:reloadConfigOnChange", "false"];

    private readonly string _folder;
    private readonly BalancedPlace? _place;
    private readonly List<WebApplication> _servers = [];

    private TestServer(string folder, BalancedPlace? place) => (_folder, _place) = (folder, place);

    /// <summary>The server, or the first of two.</summary>
    public WebApplication App => _servers[0];

    /// <summary>How many servers take requests in turn.</summary>
    public int Count => _servers.Count;

    public LogLines Log { get; } = new();

    public Uri Address { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(
        string[]? args = null, Action<IEndpointRouteBuilder>? map = null, Action<IServiceCollection>? services = null)
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-server-").FullName;
        var server = new TestServer(folder, Stack.IsBalanced ? await Stack.PlaceAsync() : null);
        try
        {
            string[] all = [.. Defaults, "--Vna:Storage:Path", folder, .. await Stack.ArgumentsAsync(StoragePath(args) ?? folder), .. args ?? []];
            if (server._place is { } place)
            {
                string[] second = [.. all, "--urls", Authority(place.Second), "--Vna:Storage:Path", Path.Combine(folder, "second")];
                await server.AddAsync([.. all, "--urls", Authority(place.First)], map, services);
                await server.AddAsync(second, map, services);
            }
            else
            {
                await server.AddAsync(all, map, services);
            }
            server.Address = server._place?.Front ?? new Uri(server.App.Urls.First());
            server.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>As a process ends: what runs is waited for, what is queued is committed, then everything is closed.</summary>
    public Task StopAsync() => Task.WhenAll(_servers.Select(server => server.StopAsync()));

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await StopAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
        _place?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AddAsync(string[] args, Action<IEndpointRouteBuilder>? map, Action<IServiceCollection>? services)
    {
        var app = VnaServer.Build(args, builder =>
        {
            builder.Logging.ClearProviders().AddProvider(Log);
            services?.Invoke(builder.Services);
        });
        map?.Invoke(app.MapGroup("").IsOpenToAll());
        try
        {
            await app.StartAsync();
            _servers.Add(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static string Authority(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static string? StoragePath(string[]? args)
    {
        var at = Array.LastIndexOf(args ?? [], "--Vna:Storage:Path");
        return at < 0 ? null : args![at + 1];
    }
}

internal sealed class LogLines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception?.GetType().Name}");

    /// <summary>Waits for a line: the request log is written after the client has its answer.</summary>
    public async Task<string> WaitAsync(string part)
    {
        for (var i = 0; i < 200; i++)
        {
            if (Lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }
            await Task.Delay(25);
        }
        throw new TimeoutException($"No line with '{part}' in:\n{string.Join('\n', Lines)}");
    }

    public void Dispose()
    {
    }
}

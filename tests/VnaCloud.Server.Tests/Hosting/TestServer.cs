using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VnaCloud.TestKit;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>The real server on a free loopback port, with endpoints of the test's own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly string _folder;

    private TestServer(WebApplication app, LogLines log, string folder)
    {
        _folder = folder;
        App = app;
        Log = log;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public WebApplication App { get; }

    public LogLines Log { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static async Task<TestServer> StartAsync(
        string[]? args = null, Action<WebApplication>? map = null, Action<IServiceCollection>? services = null)
    {
        var log = new LogLines();
        var folder = Directory.CreateTempSubdirectory("vnacloud-server-").FullName;
        // Watching files for changes takes one of the few inotify instances that a user has, for each server.
        string[] defaults = ["--urls", "http://127.0.0.1:0", "--Vna:Rehearsal", "false", "--Vna:Storage:Path", folder, "--hostBuilder:reloadConfigOnChange", "false"];
        var app = VnaServer.Build([.. defaults, .. await Stack.ArgumentsAsync(StoragePath(args) ?? folder), .. args ?? []], builder =>
        {
            builder.Logging.ClearProviders().AddProvider(log);
            services?.Invoke(builder.Services);
        });
        map?.Invoke(app);
        try
        {
            await app.StartAsync();
            return new TestServer(app, log, folder);
        }
        catch
        {
            await app.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static string? StoragePath(string[]? args)
    {
        var at = Array.LastIndexOf(args ?? [], "--Vna:Storage:Path");
        return at < 0 ? null : args![at + 1];
    }

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
        Client.Dispose();
        // As a process ends: what is queued is committed before anything is closed.
        await App.StopAsync();
        await App.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
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

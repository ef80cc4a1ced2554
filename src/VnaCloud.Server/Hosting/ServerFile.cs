using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using VnaCloud.Index;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// server.json in the data folder, while the server runs: its process and addresses, so that 'vna import' finds it. Whether a server
/// runs is said by the index's lock alone; a file that a killed server left is told by that.
/// </summary>
internal sealed partial class ServerFile(VnaOptions options, IServer server, ILogger<ServerFile> logger) : IHostedLifecycleService
{
    private readonly string _path = Path.Combine(Path.GetFullPath(options.Storage.Path), "server.json");

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Only now are the addresses known: port 0 has become a real one.
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.Index.Provider != IndexProvider.Sqlite)
        {
            return; // no folder that a tool would look into
        }
        var urls = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        try
        {
            var content = JsonSerializer.SerializeToUtf8Bytes(new { pid = Environment.ProcessId, urls });
            await File.WriteAllBytesAsync(_path + ".new", content, cancellationToken);
            File.Move(_path + ".new", _path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, failure.Message); // a full disk: reading goes on
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, failure.Message);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1103, LogLevel.Warning, "server.json cannot be written or removed: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}

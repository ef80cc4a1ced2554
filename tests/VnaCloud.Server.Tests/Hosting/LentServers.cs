using System.Collections.Concurrent;

namespace VnaCloud.Server.Tests.Hosting;

/// <summary>Servers that one test uses after the other, emptied in between; a lent one is given back where it would be disposed.</summary>
internal sealed class LentServers<TServer>(Func<Task<TServer>> start, Func<TServer, Task> empty)
    where TServer : class, IAsyncDisposable
{
    private readonly ConcurrentBag<TServer> _idle = [];
    private readonly ConcurrentDictionary<TServer, bool> _lent = [];

    public async Task<TServer> BorrowAsync()
    {
        var server = _idle.TryTake(out var idle) ? idle : await start();
        try
        {
            await empty(server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        _lent[server] = true;
        return server;
    }

    /// <summary>False for a server that is not lent, which its owner has to stop.</summary>
    public bool TryGiveBack(TServer server)
    {
        if (!_lent.TryRemove(server, out _))
        {
            return false;
        }
        _idle.Add(server);
        return true;
    }

    /// <summary>Stops those that were given back.</summary>
    public async Task StopAsync()
    {
        while (_idle.TryTake(out var server))
        {
            await server.DisposeAsync();
        }
    }
}

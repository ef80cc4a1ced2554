using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VnaCloud.TestKit;

/// <summary>
/// One nginx for the process, with places for tests: each has a port of nginx's and the ports of two servers behind it, which take
/// requests in turn. A place is used by one test after the other, so that nginx is never configured anew.
/// </summary>
public sealed class Balancer : IAsyncDisposable
{
    private const int Places = 32;
    private const int PortsOfPlace = 3;

    private readonly Nginx _nginx;
    private readonly ConcurrentBag<int> _idle;
    private readonly SemaphoreSlim _free;

    private Balancer(Nginx nginx, IReadOnlyList<int> ports)
    {
        _nginx = nginx;
        _idle = [.. ports];
        _free = new SemaphoreSlim(ports.Count);
    }

    public static async Task<Balancer> StartAsync()
    {
        int[] ports = [.. Enumerable.Range(0, Places).Select(static _ => FreePorts.TakeRange(PortsOfPlace))];
        return new Balancer(await Nginx.StartAsync(ports[0], string.Concat(ports.Select(Place))), ports);
    }

    /// <summary>Waits for a place that no other test has.</summary>
    public async Task<BalancedPlace> TakeAsync()
    {
        await _free.WaitAsync();
        return new BalancedPlace(this, _idle.TryTake(out var port) ? port : throw new InvalidOperationException("More places are taken than there are."));
    }

    internal void GiveBack(int port)
    {
        _idle.Add(port);
        _free.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _nginx.DisposeAsync();
        _free.Dispose();
    }

    // Like a balancer with its defaults, but: no limit of a body, which nginx would have at 1 MB; bodies go to a server as they come, where
    // nginx would write each whole study to its own disk first; and a server whose connections a test breaks on purpose stays in turn.
    private static string Place(int port) => $$"""
        upstream place{{port}} { server 127.0.0.1:{{port + 1}} max_fails=0; server 127.0.0.1:{{port + 2}} max_fails=0; }
        server {
          listen 127.0.0.1:{{port}};
          client_max_body_size 0;
          proxy_request_buffering off;
          location / { proxy_pass http://place{{port}}; proxy_set_header Host $http_host; }
        }

        """;
}

/// <summary>A place behind the balancer until it is disposed.</summary>
public sealed class BalancedPlace : IDisposable
{
    private readonly Balancer _balancer;
    private readonly int _port;

    internal BalancedPlace(Balancer balancer, int port) => (_balancer, _port) = (balancer, port);

    /// <summary>Where clients find nginx.</summary>
    public Uri Front => Url(0);

    /// <summary>Where the first server has to listen.</summary>
    public Uri First => Url(1);

    /// <summary>Where the second server has to listen.</summary>
    public Uri Second => Url(2);

    public void Dispose() => _balancer.GiveBack(_port);

    private Uri Url(int offset) => new($"http://127.0.0.1:{_port + offset}");
}

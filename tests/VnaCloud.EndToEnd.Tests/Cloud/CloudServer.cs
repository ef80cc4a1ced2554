using System.Text;
using Npgsql;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Cloud;

/// <summary>A wire of a server on PostgreSQL and Ceph.</summary>
internal enum Wire
{
    /// <summary>From its clients.</summary>
    Client,

    /// <summary>To the bucket.</summary>
    Bucket,

    /// <summary>To the database.</summary>
    Database,
}

/// <summary>
/// A server on PostgreSQL and Ceph, all of whose wires go through proxies of its own. It can be killed (SIGKILL) as chosen bytes pass one
/// of them: these bytes then do not arrive.
/// </summary>
internal sealed class CloudServer : IAsyncDisposable
{
    // A search that meets a cold server on a busy machine is no finding here. Prepared statements would hide COMMIT.
    private static readonly string[] Settings = ["--Vna:Limits:StatementTimeoutSeconds=60", "--Vna:Maintenance:Enabled=false"];

    private readonly List<TcpFaultProxy> _proxies;
    private readonly TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServerProcess _process = null!;
    private Uri _url = null!;
    private Trigger? _trigger;
    private bool _disposed;

    private CloudServer(List<TcpFaultProxy> proxies) => _proxies = proxies;

    /// <summary>Where clients reach it, through a proxy.</summary>
    public Uri Url => _url;

    /// <summary>Complete when it was killed.</summary>
    public Task Dead => _dead.Task;

    public static async Task<CloudServer> StartAsync(CloudArchive archive)
    {
        var (bucket, database) = (new TcpFaultProxy(archive.Ceph.Endpoint.Port), new TcpFaultProxy(archive.DatabasePort));
        var server = new CloudServer([bucket, database]);
        try
        {
            server.Watch(bucket, Wire.Bucket);
            server.Watch(database, Wire.Database);
            var connection = new NpgsqlConnectionStringBuilder(archive.Database) { Port = database.Port, MaxPoolSize = 16, MaxAutoPrepare = 0 };
            server._process = await ServerProcess.StartAsync(null,
                [.. archive.Arguments(connections: 1), $"--Vna:Storage:S3:Endpoint=http://127.0.0.1:{bucket.Port}", $"--Vna:Index:ConnectionString={connection}", .. Settings]);
            var client = new TcpFaultProxy(server._process.BaseUrl.Port);
            server._proxies.Add(client);
            server.Watch(client, Wire.Client);
            server._url = new Uri($"http://127.0.0.1:{client.Port}/");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on: dies at the n-th piece that is of the point.</summary>
    public void KillAt(CloudKillPoint point, int when) => Volatile.Write(ref _trigger, new Trigger(point, when));

    /// <summary>Dies now.</summary>
    public async Task KillAsync()
    {
        await _process.Kill9();
        _dead.TrySetResult();
    }

    /// <summary>Lives on whatever passes.</summary>
    public void Disarm() => Volatile.Write(ref _trigger, null);

    /// <summary>A second time does nothing: whoever could not start the next server ends with this one, and should say why.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }
        Disarm();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private void Watch(TcpFaultProxy proxy, Wire wire)
    {
        var requests = new System.Collections.Concurrent.ConcurrentDictionary<int, string>();
        proxy.Pass = async piece =>
        {
            if (!piece.IsAnswer && RequestLine(piece.Bytes.Span) is { } line)
            {
                requests[piece.Connection] = line;
            }
            if (Volatile.Read(ref _trigger) is { } trigger && trigger.Point.Wire == wire && trigger.Point.IsAnswer == piece.IsAnswer
                && trigger.Point.Matches(requests.GetValueOrDefault(piece.Connection, ""), piece.Bytes) && trigger.IsNext())
            {
                await KillAsync();
                return false;
            }
            return !_dead.Task.IsCompleted;
        };
    }

    private static string? RequestLine(ReadOnlySpan<byte> bytes)
    {
        foreach (var method in (ReadOnlySpan<string>)["PUT /", "POST /", "GET /", "HEAD /", "DELETE /"])
        {
            if (bytes.StartsWith(Encoding.ASCII.GetBytes(method)) && bytes.IndexOf((byte)'\r') is > 0 and var end)
            {
                return Encoding.ASCII.GetString(bytes[..end]);
            }
        }
        return null;
    }

    private sealed record Trigger(CloudKillPoint Point, int When)
    {
        private int _seen;

        public bool IsNext() => Interlocked.Increment(ref _seen) == When;
    }
}

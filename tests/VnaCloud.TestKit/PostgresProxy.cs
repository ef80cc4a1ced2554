using System.Net;
using System.Net.Sockets;

namespace VnaCloud.TestKit;

/// <summary>
/// A TCP proxy before a PostgreSQL server, on a free loopback port. Counts round trips (each ends with a Sync or Query message of the
/// client), and can lose the answer to a COMMIT: the server has done it, the client never hears of it. Connections must not be encrypted.
/// </summary>
public sealed class PostgresProxy : IAsyncDisposable
{
    private static readonly byte[] CommitTag = "COMMIT\0"u8.ToArray();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _loop;
    private int _roundTrips;
    private int _loseCommits;

    /// <summary>Starts the proxy.</summary>
    public PostgresProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Round trips of all clients so far.</summary>
    public int RoundTrips => Volatile.Read(ref _roundTrips);

    /// <summary>Answers to COMMIT that are still to be lost; the connection of each is cut.</summary>
    public int LoseCommits { get => Volatile.Read(ref _loseCommits); set => Volatile.Write(ref _loseCommits, value); }

    /// <summary>Told of every notice that the server sends, such as auto_explain's plans; set before the first connection.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>Nothing goes through any more, and connections stay open: a server that hangs.</summary>
    public bool IsSilent { get; set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(_host, _port, _stop.Token);
                await Task.WhenAny(ForwardAsync(client.GetStream(), server.GetStream(), new FrontendMessages(this).See), ForwardAsync(server.GetStream(), client.GetStream(), Notice is { } found ? new BackendNotices(found).See : SeeAnswer));
            }
            catch (Exception end) when (end is IOException or SocketException or OperationCanceledException)
            {
                // One side has gone, and so does the other.
            }
        }
    }

    private async Task ForwardAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, bool> see)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReadAsync(buffer, _stop.Token) is var read and > 0)
            {
                while (IsSilent)
                {
                    await Task.Delay(20, _stop.Token);
                }
                if (!see(buffer.AsMemory(0, read)))
                {
                    return;
                }
                await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // As above.
        }
    }

    private bool SeeAnswer(ReadOnlyMemory<byte> bytes) => bytes.Span.IndexOf(CommitTag) < 0 || (LoseCommits <= 0 || Interlocked.Decrement(ref _loseCommits) < 0);

    /// <summary>Follows one client's messages: a startup message without type, then type, length, content.</summary>
    private sealed class FrontendMessages(PostgresProxy proxy)
    {
        private readonly byte[] _header = new byte[5];
        private int _have = 1;
        private bool _started;
        private int _skip;

        public bool See(ReadOnlyMemory<byte> bytes)
        {
            foreach (var value in bytes.Span)
            {
                if (_skip > 0)
                {
                    _skip--;
                    continue;
                }
                _header[_have++] = value;
                if (_have == _header.Length)
                {
                    _skip = (_header[1] << 24 | _header[2] << 16 | _header[3] << 8 | _header[4]) - 4;
                    if (_started && (_header[0] is (byte)'S' or (byte)'Q'))
                    {
                        Interlocked.Increment(ref proxy._roundTrips);
                    }
                    (_started, _have) = (true, 0);
                }
            }
            return true;
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VnaCloud.TestKit;

/// <summary>What a proxy does to the connections that go through it.</summary>
public enum ProxyFault
{
    /// <summary>Bytes pass.</summary>
    None,

    /// <summary>New connections are reset, as where nothing listens.</summary>
    Refuse,

    /// <summary>Connections are taken and bytes swallowed, in both directions: a server that hangs, a cable that is cut.</summary>
    Hang,

    /// <summary>Requests arrive, answers do not.</summary>
    DropAnswers,
}

/// <summary>Bytes on their way through a proxy.</summary>
/// <param name="Connection">Number of the connection.</param>
/// <param name="IsAnswer">Whether they come from the server.</param>
/// <param name="Bytes">As they were read.</param>
public readonly record struct ProxyPiece(int Connection, bool IsAnswer, ReadOnlyMemory<byte> Bytes);

/// <summary>A TCP proxy on loopback that can be told to misbehave while connections are open.</summary>
public sealed class TcpFaultProxy : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private readonly Task _accepting;
    private volatile IPEndPoint _target;
    private volatile ProxyFault _fault;

    /// <summary>Starts to listen.</summary>
    public TcpFaultProxy(IPEndPoint target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Starts to listen, in front of a port of loopback.</summary>
    public TcpFaultProxy(int port)
        : this(new IPEndPoint(IPAddress.Loopback, port))
    {
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where new connections go: a server that is started again has another port.</summary>
    public IPEndPoint Target
    {
        get => _target;
        set => _target = value;
    }

    /// <summary>What happens from now on, on open connections too.</summary>
    public ProxyFault Fault
    {
        get => _fault;
        set => _fault = value;
    }

    /// <summary>Bytes a second that pass in each direction of each connection; 0 is as fast as it goes.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Asked for everything that clients send: once true, the answers of that connection are swallowed.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? SwallowAnswersAfter { get; set; }

    /// <summary>Asked for everything before it passes; where it says false, the connection is reset in place of passing it on.</summary>
    public Func<ProxyPiece, ValueTask<bool>>? Pass { get; set; }

    /// <summary>Connections taken so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>Resets every open connection.</summary>
    public void ResetAll()
    {
        foreach (var socket in _open.Keys)
        {
            Reset(socket);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        ResetAll();
        await _accepting;
        _closing.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_closing.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            Accepted++;
            if (_fault == ProxyFault.Refuse)
            {
                Reset(client);
                continue;
            }
            _ = ServeAsync(client, Accepted);
        }
    }

    private async Task ServeAsync(Socket client, int number)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        (_open[client], _open[server]) = (0, 0);
        var connection = new Connection(number);
        try
        {
            await server.ConnectAsync(_target, _closing.Token);
            await Task.WhenAll(RelayAsync(client, server, connection, isAnswer: false), RelayAsync(server, client, connection, isAnswer: true));
        }
        catch (Exception over) when (over is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Reset(client);
            Reset(server);
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(server, out _);
            client.Dispose();
            server.Dispose();
        }
    }

    // What is reset on one side is reset on the other: a server must learn at once that its client died.
    private async Task RelayAsync(Socket from, Socket to, Connection connection, bool isAnswer)
    {
        try
        {
            await CopyAsync(from, to, connection, isAnswer);
        }
        catch (SocketException)
        {
            Reset(from);
            Reset(to);
            throw;
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Connection connection, bool isAnswer)
    {
        var buffer = new byte[BytesPerSecond > 0 ? Math.Clamp(BytesPerSecond / 10, 1, BufferSize) : BufferSize];
        while (true)
        {
            var read = await from.ReceiveAsync(buffer, _closing.Token);
            if (read == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }
            if (Pass is { } pass && !await pass(new ProxyPiece(connection.Number, isAnswer, buffer.AsMemory(0, read))))
            {
                Reset(from);
                Reset(to);
                return;
            }
            if (!isAnswer && SwallowAnswersAfter?.Invoke(buffer.AsMemory(0, read)) == true)
            {
                connection.Swallows = true;
            }
            if (_fault == ProxyFault.Hang || (isAnswer && (_fault == ProxyFault.DropAnswers || connection.Swallows)))
            {
                continue;
            }
            for (var sent = 0; sent < read;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _closing.Token);
            }
            if (BytesPerSecond > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)read / BytesPerSecond), _closing.Token);
            }
        }
    }

    // Linger zero makes close send a reset.
    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
        }
        socket.Close();
    }

    private sealed class Connection(int number)
    {
        public int Number => number;

        public volatile bool Swallows;
    }
}

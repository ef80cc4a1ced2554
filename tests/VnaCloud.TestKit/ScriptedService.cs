using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VnaCloud.TestKit;

/// <summary>An HTTP/1.1 service whose every byte a test decides, also those that no honest server would send.</summary>
public sealed class ScriptedService : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Func<ScriptedExchange, Task> _script;
    private readonly Task _accepting;
    private int _requests;
    private int _connections;

    /// <param name="script">Answers one request; an exchange that was not answered keeps its connection open and silent until the end.</param>
    public ScriptedService(Func<ScriptedExchange, Task> script)
    {
        _script = script;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/dicom-web");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    public int Requests => Volatile.Read(ref _requests);

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>What scripts threw that was not a connection's end.</summary>
    public ConcurrentQueue<Exception> Failures { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var socket = await _listener.AcceptSocketAsync(_stopping.Token);
            _sockets.Add(socket);
            Interlocked.Increment(ref _connections);
            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new BufferedStream(new NetworkStream(socket, ownsSocket: true), 64 * 1024);
            while (await ScriptedExchange.ReadAsync(stream, socket, _stopping.Token) is { } exchange)
            {
                exchange.Number = Interlocked.Increment(ref _requests);
                await _script(exchange);
                if (exchange.IsSilent)
                {
                    await Task.Delay(Timeout.Infinite, _stopping.Token);
                }
                if (exchange.IsClosed)
                {
                    return;
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
        catch (Exception failure)
        {
            Failures.Enqueue(failure);
            socket.Dispose();
        }
    }
}

/// <summary>One request and the answer to it.</summary>
public sealed class ScriptedExchange
{
    private readonly Stream _stream;
    private readonly Socket _socket;
    private readonly CancellationToken _cancellation;

    private ScriptedExchange(Stream stream, Socket socket, string[] lines, CancellationToken cancellation)
    {
        (_stream, _socket, _cancellation) = (stream, socket, cancellation);
        (Method, Target) = (lines[0].Split(' ')[0], lines[0].Split(' ')[1]);
        Headers = lines[1..].Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Of all requests to the service, from 1.</summary>
    public int Number { get; internal set; }

    public string Method { get; }

    public string Target { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    internal bool IsClosed { get; private set; }

    internal bool IsSilent { get; private set; } = true;

    /// <summary>The whole body; says "100 Continue" first when it is waited for.</summary>
    public async Task<byte[]> BodyAsync()
    {
        if (Headers.ContainsKey("Expect"))
        {
            await SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
        }
        if (Headers.TryGetValue("Content-Length", out var length))
        {
            var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await _stream.ReadExactlyAsync(body, _cancellation);
            return body;
        }
        using var chunks = new MemoryStream();
        while (int.Parse(await LineAsync(_stream, _cancellation) ?? "0", NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            var chunk = new byte[size];
            await _stream.ReadExactlyAsync(chunk, _cancellation);
            chunks.Write(chunk);
            await LineAsync(_stream, _cancellation);
        }
        await LineAsync(_stream, _cancellation);
        return chunks.ToArray();
    }

    /// <summary>A part of the body, the rest of which stays unread.</summary>
    public async Task ReadSomeAsync(int count)
    {
        if (Headers.ContainsKey("Expect"))
        {
            await SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
        }
        await _stream.ReadExactlyAsync(new byte[count], _cancellation);
    }

    /// <summary>An honest answer.</summary>
    public Task AnswerAsync(int status, string body = "", string type = "application/dicom+json", params string[] headers) =>
        AnswerAsync(status, Encoding.UTF8.GetBytes(body), type, headers);

    /// <summary>An honest answer.</summary>
    public async Task AnswerAsync(int status, byte[] body, string type, params string[] headers)
    {
        var head = new StringBuilder($"HTTP/1.1 {status} Scripted\r\nContent-Length: {body.Length}\r\n");
        if (body.Length > 0)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {type}\r\n");
        }
        foreach (var header in headers)
        {
            head.Append(header).Append("\r\n");
        }
        await SendAsync([.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. body]);
        IsSilent = false;
    }

    /// <summary>Any bytes at all, in pieces that arrive apart from each other.</summary>
    public async Task SendAsync(params byte[][] pieces)
    {
        foreach (var piece in pieces)
        {
            await _stream.WriteAsync(piece, _cancellation);
            await _stream.FlushAsync(_cancellation);
        }
    }

    /// <summary>Ends the connection as TCP does it well, or by a reset when data is unread.</summary>
    public void Close()
    {
        (IsClosed, IsSilent) = (true, false);
        _socket.Close();
    }

    internal static async Task<ScriptedExchange?> ReadAsync(Stream stream, Socket socket, CancellationToken cancellation)
    {
        var lines = new List<string>();
        while (await LineAsync(stream, cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                return new ScriptedExchange(stream, socket, [.. lines], cancellation);
            }
            lines.Add(line);
        }
        return null;
    }

    private static async Task<string?> LineAsync(Stream stream, CancellationToken cancellation)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellation) > 0)
        {
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }
            line.Append((char)one[0]);
        }
        return null;
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace VnaCloud.Dimse;

/// <summary>Decides on a request for an association: who may ask for what, and who answers.</summary>
public delegate ValueTask<AssociationDecision> AssociationPolicy(AssociationOffer offer, CancellationToken cancellation);

/// <summary>
/// A port that takes associations. TCP connections are always taken: what is too much is refused in DICOM, transiently, or dropped before it
/// has asked for anything.
/// </summary>
public sealed class DimseListener : IAsyncDisposable
{
    private const int Backlog = 1024;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);
    private readonly DimseListenerOptions _options;
    private readonly AssociationPolicy _policy;
    private readonly AssociationPlaces _places;
    private readonly Socket _socket;
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly ConcurrentDictionary<DimseAssociation, byte> _associations = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;
    private int _disposed;

    /// <summary>Prepares to listen; <see cref="Start"/> does.</summary>
    public DimseListener(DimseListenerOptions options, AssociationPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policy);
        (_options, _policy, _places) = (options, policy, new AssociationPlaces(options));
        _socket = new Socket(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    }

    /// <summary>Address and port, once started.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Associations that are established now.</summary>
    public IReadOnlyCollection<DimseAssociation> Associations => [.. _associations.Keys];

    /// <summary>Binds and begins to take connections.</summary>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public void Start()
    {
        _socket.Bind(new IPEndPoint(_options.Address, _options.Port));
        _socket.Listen(Backlog);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>
    /// Takes no more connections, ends those without association and associations that are idle, waits for operations under way, and
    /// aborts what is left when <paramref name="cancellation"/> comes.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(_associations.Keys.Select(association => association.StopWhenIdleAsync()));
        try
        {
            await Task.WhenAll(_connections.Keys).WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(_associations.Keys.Select(association => association.AbortAsync()));
            await Task.WhenAll(_connections.Keys);
        }
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync(new CancellationToken(canceled: true));
            _stopping.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Begin(await _socket.AcceptAsync(_stopping.Token));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                if (!_stopping.IsCancellationRequested)
                {
                    // Out of descriptors, as a rule: what is there goes on.
                    _options.Events.Failed?.Invoke(error);
                    await Task.Delay(AcceptPause, _options.Time);
                }
            }
        }
    }

    private void Begin(Socket socket)
    {
        IPEndPoint remote;
        try
        {
            remote = (IPEndPoint)socket.RemoteEndPoint!;
        }
        catch (SocketException)
        {
            // Gone again.
            socket.Dispose();
            return;
        }
        // Not in the task, so that the oldest connection is the oldest here, too.
        var waiting = _places.Wait(remote.Address, socket.Dispose);
        var serving = Task.Run(() => ServeAsync(socket, remote, waiting));
        _connections.TryAdd(serving, 0);
        _ = serving.ContinueWith(ended => _connections.TryRemove(ended, out _), TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket socket, IPEndPoint remote, IDisposable waiting)
    {
        using var ownSocket = socket;
        using var ownPlace = waiting;
        try
        {
            Sockets.Prepare(socket);
            await using var stop = _stopping.Token.Register(socket.Dispose);
            if (await TransportAsync(socket, remote) is { } transport)
            {
                await ServeAsync(transport, waiting, stop);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or IOException)
        {
            _options.Events.Dropped?.Invoke(remote, new AssociationEnd(AssociationEndCause.ConnectionLost, "The peer was gone before anything began."));
        }
#pragma warning disable CA1031 // One connection's trouble must not end the listener.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _options.Events.Failed?.Invoke(error);
        }
    }

    private async Task ServeAsync(Transport transport, IDisposable waiting, CancellationTokenRegistration stop)
    {
        await using var upper = new UpperLayer(transport, _options.Timeouts, _options.Time, isRequestor: false);
        var acceptor = new DimseAcceptor(_options, _policy, _places, transport, upper);
        var association = await acceptor.AcceptAsync(_stopping.Token);
        waiting.Dispose();
        await stop.DisposeAsync();
        if (association is null)
        {
            return;
        }
        using var place = acceptor.Place;
        _associations.TryAdd(association, 0);
        _options.Events.Established?.Invoke(association);
        if (_stopping.IsCancellationRequested)
        {
            await association.StopWhenIdleAsync();
        }
        await association.RunAsync();
        _associations.TryRemove(association, out byte _);
    }

    /// <summary>The connection, after the TLS handshake where there is to be one; null when that fails.</summary>
    private async Task<Transport?> TransportAsync(Socket socket, IPEndPoint remote)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (_options.Tls is not { } tls)
        {
            return new Transport(socket, stream);
        }
        try
        {
            using var limit = new CancellationTokenSource(_options.Timeouts.Connect, _options.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
            return new Transport(socket, await tls.AcceptAsync(stream, both.Token));
        }
        catch (Exception error) when (error is IOException or AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            var cause = error is OperationCanceledException ? AssociationEndCause.TimedOut : AssociationEndCause.ProtocolError;
            _options.Events.Dropped?.Invoke(remote, new AssociationEnd(cause, $"TLS handshake: {error.Message}"));
            return null;
        }
    }
}

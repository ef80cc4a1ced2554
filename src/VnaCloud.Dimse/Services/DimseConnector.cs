using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.Dimse;

public sealed partial class DimseAssociation
{
    /// <summary>Connects and asks for an association.</summary>
    /// <exception cref="AssociationException">It could not be had; <see cref="AssociationException.End"/> says why.</exception>
    /// <exception cref="ArgumentException">What would be proposed is not allowed.</exception>
    public static Task<DimseAssociation> ConnectAsync(DimseConnectOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DimseConnector(options).ConnectAsync(cancellation);
    }
}

/// <summary>The requestor's way from Sta1 to Sta6.</summary>
internal sealed class DimseConnector(DimseConnectOptions options)
{
    public async Task<DimseAssociation> ConnectAsync(CancellationToken cancellation)
    {
        var request = Request();
        var pdu = PduWriter.Write(request);
        var transport = await TransportAsync(cancellation);
        var upper = new UpperLayer(transport, options.Timeouts, options.Time, isRequestor: true);
        var buffer = new ReceiveBuffer(upper);
        try
        {
            await upper.FireAsync(UpperLayerEvent.AssociateRequestPrimitive);
            // Waiting for the answer is the Read limit's: Sta5 has no timer of its own in the standard.
            upper.Watch.Arm(WatchSlot.Read, options.Timeouts.Associate);
            using var gaveUp = cancellation.Register(upper.Close);
            await upper.FireAsync(UpperLayerEvent.TransportConfirmed, pdu);
            var accept = await AnswerAsync(upper, buffer) ?? throw upper.Ended();
            upper.Watch.Disarm(WatchSlot.Read);
            return Establish(request, accept, upper, buffer, transport);
        }
        catch (AssociationException)
        {
            await upper.FinishAsync(buffer);
            buffer.Dispose();
            await upper.DisposeAsync();
            cancellation.ThrowIfCancellationRequested();
            throw upper.Ended();
        }
    }

    private AssociateRequest Request()
    {
        if (options.Contexts.Count is 0 or > PduLimits.Contexts || options.Contexts.Any(context => context.Id % 2 == 0 || context.TransferSyntaxes.Count == 0)
            || options.Contexts.DistinctBy(context => context.Id).Count() != options.Contexts.Count)
        {
            throw new ArgumentException("One to 128 contexts with different odd identifiers and at least one transfer syntax each.");
        }
        return new AssociateRequest
        {
            CalledAeTitle = options.CalledAeTitle,
            CallingAeTitle = options.CallingAeTitle,
            Contexts = options.Contexts,
            User = new UserInformation
            {
                MaxPduLength = (uint)options.MaxReceivePdu,
                ImplementationClassUid = options.ImplementationClassUid,
                ImplementationVersionName = options.ImplementationVersionName,
                AsyncWindow = options.AsyncWindow,
                Roles = options.Roles,
                Extended = options.Extended,
                CommonExtended = options.CommonExtended,
                Identity = options.Identity,
            },
        };
    }

    private DimseAssociation Establish(AssociateRequest request, AssociateAccept accept, UpperLayer upper, ReceiveBuffer buffer, Transport transport)
    {
        var certificate = (transport.Stream as SslStream)?.RemoteCertificate as X509Certificate2;
        var offer = new AssociationOffer(request, (IPEndPoint)transport.Socket.RemoteEndPoint!, (IPEndPoint)transport.Socket.LocalEndPoint!, certificate);
        var association = new DimseAssociation(upper, buffer, offer, new Agreement
        {
            IsRequestor = true,
            Contexts = Negotiator.Agreed(request, accept, options.RolesWithoutSelection),
            Peer = accept.User,
            Window = options.AsyncWindow is null ? new AsyncWindow(1, 1) : accept.User.AsyncWindow ?? new AsyncWindow(1, 1),
            Handler = options.Handler,
            Events = options.Events,
            Limits = options.Limits,
            MaxSendPdu = options.MaxSendPdu,
        });
        options.Events.Established?.Invoke(association);
        _ = Task.Run(association.RunAsync, CancellationToken.None);
        return association;
    }

    /// <summary>A-ASSOCIATE-AC; null where something else came, which the upper layer has noted.</summary>
    private async Task<AssociateAccept?> AnswerAsync(UpperLayer upper, ReceiveBuffer buffer)
    {
        try
        {
            if (!await buffer.EnsureAsync(6, Timeout.InfiniteTimeSpan))
            {
                return null;
            }
            var (type, length) = MessageReader.Header(buffer.Window.Span, options.Limits);
            buffer.Advance(6);
            if (type is PduType.Data || !await buffer.EnsureAsync(length, Timeout.InfiniteTimeSpan))
            {
                await upper.ReceivedAsync(type, default);
                return null;
            }
            var body = buffer.Window[..length];
            buffer.Advance(length);
            switch (type)
            {
                case PduType.AssociateAccept:
                    var accept = AssociateParser.Accept(body.Span, options.Limits);
                    await upper.FireAsync(UpperLayerEvent.AssociateAcceptPdu);
                    return accept;
                case PduType.AssociateReject:
                    var reject = new AssociateReject(body.Span[1], body.Span[2], body.Span[3]);
                    upper.Note(new AssociationEnd(AssociationEndCause.Rejected, $"Refused by the peer with {reject}.") { Reject = reject });
                    await upper.FireAsync(UpperLayerEvent.AssociateRejectPdu);
                    return null;
                default:
                    await upper.ReceivedAsync(type, type == PduType.Abort ? body[2..4] : default);
                    return null;
            }
        }
        catch (PduFormatException error)
        {
            upper.Note(new AssociationEnd(AssociationEndCause.ProtocolError, error.Message));
            await upper.FireAsync(UpperLayerEvent.InvalidPdu, PduWriter.Write(AbortPdu.ByProvider(error.Fault)));
            return null;
        }
    }

    private async Task<Transport> TransportAsync(CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (options.LocalAddress is not null)
            {
                socket.Dispose();
                socket = new Socket(options.LocalAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(options.LocalAddress, 0));
            }
            Sockets.Prepare(socket);
            using (var limit = new CancellationTokenSource(options.Timeouts.Connect, options.Time))
            using (var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation))
            {
                await socket.ConnectAsync(options.Host, options.Port, both.Token);
            }
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                using var limit = new CancellationTokenSource(options.Timeouts.Connect, options.Time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
                stream = await tls.ConnectAsync(stream, options.Host, both.Token);
            }
            return new Transport(socket, stream);
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            var cause = error is OperationCanceledException ? AssociationEndCause.TimedOut : AssociationEndCause.ConnectionLost;
            throw new AssociationException(new AssociationEnd(cause, $"No connection to {options.Host}:{options.Port}: {error.Message}"), error);
        }
    }
}

/// <summary>Settings of every socket.</summary>
internal static class Sockets
{
    // A dead peer is found in about two minutes, also while it waits for an answer of this side.
    private const int KeepAliveSeconds = 60;
    private const int KeepAliveInterval = 10;
    private const int KeepAliveProbes = 6;

    public static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveInterval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
    }
}

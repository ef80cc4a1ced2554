using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.Dimse;

/// <summary>The acceptor's way from Sta1 to Sta6, or to a refusal. One answer to one request, whatever happens.</summary>
internal sealed class DimseAcceptor(DimseListenerOptions options, AssociationPolicy policy, AssociationPlaces places, Transport transport, UpperLayer upper)
{
    private readonly IPEndPoint _remote = (IPEndPoint)transport.Socket.RemoteEndPoint!;

    /// <summary>What the association gives back at its end.</summary>
    public IDisposable? Place { get; private set; }

    public async Task<DimseAssociation?> AcceptAsync(CancellationToken stopping)
    {
        var buffer = new ReceiveBuffer(upper);
        DimseAssociation? association = null;
        try
        {
            await upper.FireAsync(UpperLayerEvent.TransportIndicated);
            if (await RequestAsync(buffer) is { } request)
            {
                association = await AnswerAsync(request, buffer, stopping);
            }
            return association;
        }
        finally
        {
            if (association is null)
            {
                await upper.FinishAsync(buffer);
                buffer.Dispose();
                await upper.DisposeAsync();
                Place?.Dispose();
                if (upper.End is { Cause: not AssociationEndCause.Rejected } end)
                {
                    options.Events.Dropped?.Invoke(_remote, end);
                }
            }
        }
    }

    /// <summary>A-ASSOCIATE-RQ; null where something else or nothing came.</summary>
    private async Task<AssociateRequest?> RequestAsync(ReceiveBuffer buffer)
    {
        try
        {
            if (!await buffer.EnsureAsync(1, Timeout.InfiniteTimeSpan))
            {
                return null;
            }
            if (buffer.Window.Span[0] is < (byte)PduType.AssociateRequest or > (byte)PduType.Abort)
            {
                // HTTP, TLS and the like: nothing that follows can be DICOM, so nothing is waited for.
                throw new PduFormatException(PduFault.UnrecognizedPdu, "The first byte is not DICOM's");
            }
            if (!await buffer.EnsureAsync(6, Timeout.InfiniteTimeSpan))
            {
                return null;
            }
            var (type, length) = MessageReader.Header(buffer.Window.Span, options.Limits);
            buffer.Advance(6);
            if (type != PduType.AssociateRequest)
            {
                await upper.ReceivedAsync(type, default);
                return null;
            }
            if (!await buffer.EnsureAsync(length, Timeout.InfiniteTimeSpan))
            {
                return null;
            }
            var request = AssociateParser.Request(buffer.Window.Span[..length], options.Limits);
            buffer.Advance(length);
            return request;
        }
        catch (PduFormatException error)
        {
            upper.Note(new AssociationEnd(AssociationEndCause.ProtocolError, error.Message));
            await upper.FireAsync(UpperLayerEvent.InvalidPdu, PduWriter.Write(AbortPdu.ByProvider(error.Fault)));
            if (error.Fault == PduFault.UnrecognizedPdu)
            {
                upper.Close();
            }
            return null;
        }
    }

    // B4: protocol version, application context, then called AE, calling AE and user identity by the policy, then the limits.
    private async Task<DimseAssociation?> AnswerAsync(AssociateRequest request, ReceiveBuffer buffer, CancellationToken stopping)
    {
        var certificate = (transport.Stream as SslStream)?.RemoteCertificate as X509Certificate2;
        var offer = new AssociationOffer(request, _remote, (IPEndPoint)transport.Socket.LocalEndPoint!, certificate);
        if ((request.ProtocolVersion & 1) == 0)
        {
            await upper.FireAsync(UpperLayerEvent.AssociateRequestPdu, Refuse(offer, AssociateReject.ProtocolVersionNotSupported), condition: false);
            return null;
        }
        await upper.FireAsync(UpperLayerEvent.AssociateRequestPdu);
        var decision = await DecideAsync(offer, stopping);
        if (decision is AssociationAcceptance acceptance && (Place = places.Take(_remote.Address, request.CallingAeTitle, acceptance)) is not null)
        {
            return await EstablishAsync(offer, acceptance, buffer);
        }
        var reject = (decision as AssociationRejection)?.Reject ?? AssociateReject.LocalLimitExceeded;
        await upper.FireAsync(UpperLayerEvent.RejectPrimitive, Refuse(offer, reject));
        return null;
    }

    private async Task<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken stopping)
    {
        if (offer.Request.ApplicationContext != AssociateRequest.DicomApplicationContext)
        {
            return AssociateReject.ApplicationContextNotSupported;
        }
        // Nothing can be sent to a peer that takes nothing.
        if (offer.Request.User.MaxPduLength is > 0 and < MessageWriter.SmallestPdu)
        {
            return AssociateReject.NoReason;
        }
        try
        {
            using var limit = new CancellationTokenSource(options.Timeouts.Associate, options.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
            return await policy(offer, both.Token);
        }
#pragma warning disable CA1031 // A policy that fails, or takes too long, is a trouble that heals: the peer may try again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            options.Events.Failed?.Invoke(error);
            return AssociateReject.TemporaryCongestion;
        }
    }

    private async Task<DimseAssociation> EstablishAsync(AssociationOffer offer, AssociationAcceptance acceptance, ReceiveBuffer buffer)
    {
        var accept = Negotiator.Answer(offer.Request, acceptance, options.Local);
        upper.Timeouts = acceptance.Timeouts ?? options.Timeouts;
        var association = new DimseAssociation(upper, buffer, offer, new Agreement
        {
            IsRequestor = false,
            Contexts = Negotiator.Agreed(offer.Request, accept, acceptance.RolesWithoutSelection),
            Peer = offer.Request.User,
            Window = accept.User.AsyncWindow ?? new AsyncWindow(1, 1),
            Handler = acceptance.Handler,
            Events = options.Events,
            Limits = options.Limits,
            MaxSendPdu = options.MaxSendPdu,
        });
        await upper.FireAsync(UpperLayerEvent.AcceptPrimitive, PduWriter.Write(accept));
        return association;
    }

    private byte[] Refuse(AssociationOffer offer, AssociateReject reject)
    {
        upper.Note(new AssociationEnd(AssociationEndCause.Rejected, $"Refused with {reject}.") { Reject = reject });
        options.Events.Rejected?.Invoke(offer, reject);
        return PduWriter.Write(reject);
    }
}

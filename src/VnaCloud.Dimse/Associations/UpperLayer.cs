using System.Net.Sockets;

namespace VnaCloud.Dimse;

/// <summary>
/// One transport connection under Table 9-10: it does what the actions say to the connection, and returns them to its user, who does what
/// they indicate. Writing never interleaves; the end may come from either side, the user or a timer, at any moment.
/// </summary>
internal sealed class UpperLayer : IAsyncDisposable
{
    // An abort must not wait behind a message to a peer that does not read.
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(1);
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly UpperLayerMachine _machine = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly bool _isRequestor;
    private int _closed;

    public UpperLayer(Transport transport, AssociationTimeouts timeouts, TimeProvider time, bool isRequestor)
    {
        (_socket, _stream, Time, Timeouts, _isRequestor) = (transport.Socket, transport.Stream, time, timeouts, isRequestor);
        Watch = new Watch(time, Expired);
    }

    /// <summary>Held by who sends a message: the fragments of two must not mix.</summary>
    public SemaphoreSlim Message { get; } = new(1);

    public Watch Watch { get; }

    public TimeProvider Time { get; }

    public AssociationTimeouts Timeouts { get; set; }

    public UpperLayerState State => _machine.State;

    /// <summary>The first cause of the end that was noticed; null while the association lives.</summary>
    public AssociationEnd? End { get; private set; }

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>An event happens; its action is done and returned. Null where the table has nothing for it.</summary>
    /// <param name="happening">The event.</param>
    /// <param name="pdu">What the action sends, where that is not fixed.</param>
    /// <param name="condition">Of AE-6: the provider can accept.</param>
    public async ValueTask<UpperLayerAction?> FireAsync(UpperLayerEvent happening, ReadOnlyMemory<byte> pdu = default, bool condition = true)
    {
        var action = _machine.Fire(happening, condition && (_isRequestor || happening != UpperLayerEvent.ReleaseRequestPdu));
        foreach (var effect in action?.Effects ?? [])
        {
            await PerformAsync(effect, pdu);
        }
        return action;
    }

    /// <summary>Evt9: whole P-DATA-TF PDUs go out.</summary>
    /// <exception cref="AssociationException">The association has ended.</exception>
    public async ValueTask SendDataAsync(ReadOnlyMemory<byte> pdus)
    {
        if (_machine.Fire(UpperLayerEvent.DataPrimitive) is null || !await WriteAsync(pdus, Timeout.InfiniteTimeSpan))
        {
            throw Ended();
        }
    }

    /// <summary>A PDU without data came; its indication is noted, and a release is answered.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="codes">Its last two bytes, of A-ABORT.</param>
    public async ValueTask ReceivedAsync(PduType type, ReadOnlyMemory<byte> codes)
    {
        var action = await FireAsync(type switch
        {
            PduType.AssociateRequest => UpperLayerEvent.AssociateRequestPdu,
            PduType.AssociateAccept => UpperLayerEvent.AssociateAcceptPdu,
            PduType.AssociateReject => UpperLayerEvent.AssociateRejectPdu,
            PduType.Data => UpperLayerEvent.DataPdu,
            PduType.ReleaseRequest => UpperLayerEvent.ReleaseRequestPdu,
            PduType.ReleaseResponse => UpperLayerEvent.ReleaseResponsePdu,
            _ => UpperLayerEvent.AbortPdu,
        });
        if (type == PduType.Abort)
        {
            var abort = codes.Length < 2 ? AbortPdu.ByUser : new AbortPdu(codes.Span[0], codes.Span[1]);
            Note(new AssociationEnd(AssociationEndCause.AbortedByPeer, $"Aborted by the peer (source {abort.Source}, reason {abort.Reason}).") { Abort = abort });
        }
        else if (action is not null && (action.Has(UpperLayerEffect.IndicateRelease) || action.Has(UpperLayerEffect.ConfirmRelease)))
        {
            Note(new AssociationEnd(AssociationEndCause.Released, "Released."));
        }
        else if (action is not null && (action.Has(UpperLayerEffect.SendAbortByProvider) || action.Has(UpperLayerEffect.SendAbortByUser)))
        {
            Note(new AssociationEnd(AssociationEndCause.ProtocolError, "A PDU that has no place here."));
        }
        while (State is UpperLayerState.AwaitingLocalReleaseResponse or UpperLayerState.CollisionRequestorAwaitingLocal or UpperLayerState.CollisionAcceptorAwaitingLocal)
        {
            await FireAsync(UpperLayerEvent.ReleaseResponsePrimitive);
        }
    }

    /// <summary>Waits for the peer to close where it should (Sta13; AA-6: what it still sends is ignored), and is idle then.</summary>
    public async ValueTask FinishAsync(ReceiveBuffer buffer)
    {
        buffer.Advance(buffer.Available);
        while (State == UpperLayerState.AwaitingClose && !IsClosed && await buffer.FillAsync(1, Timeout.InfiniteTimeSpan))
        {
            buffer.Advance(buffer.Available);
        }
        Note(new AssociationEnd(AssociationEndCause.ConnectionLost, "The connection was closed without release or abort."));
        await FireAsync(UpperLayerEvent.TransportClosed);
        Close();
    }

    /// <summary>Remembers why the association ends; the first cause counts.</summary>
    public void Note(AssociationEnd end) => End ??= end;

    public AssociationException Ended(Exception? inner = null) =>
        new(End ?? new AssociationEnd(AssociationEndCause.ConnectionLost, "The connection is closed."), inner);

    /// <summary>Bytes of the peer; 0 when the connection has ended, in order or not.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await _stream.ReadAsync(buffer);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            return 0;
        }
    }

    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            // The socket first: closing a TLS stream would wait for a write that hangs.
            _socket.Dispose();
            _stream.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        Watch.Dispose();
        Close();
        return default;
    }

    private async ValueTask PerformAsync(UpperLayerEffect effect, ReadOnlyMemory<byte> pdu)
    {
        switch (effect)
        {
            case UpperLayerEffect.SendAssociateRequest or UpperLayerEffect.SendAssociateAccept or UpperLayerEffect.SendAssociateReject:
                await WriteAsync(pdu, Timeout.InfiniteTimeSpan);
                break;
            case UpperLayerEffect.SendReleaseRequest:
                await WriteAsync(PduWriter.ReleaseRequest(), Timeout.InfiniteTimeSpan);
                break;
            case UpperLayerEffect.SendReleaseResponse:
                await WriteAsync(PduWriter.ReleaseResponse(), Timeout.InfiniteTimeSpan);
                break;
            case UpperLayerEffect.SendAbortByUser or UpperLayerEffect.SendAbortByProvider:
                var abort = pdu.Length > 0 ? pdu : PduWriter.Write(effect == UpperLayerEffect.SendAbortByUser ? AbortPdu.ByUser : AbortPdu.ByProvider(PduFault.UnexpectedPdu));
                Watch.Arm(WatchSlot.Write, AbortPatience);
                await WriteAsync(abort, AbortPatience);
                break;
            case UpperLayerEffect.StartArtim:
                Watch.Disarm(WatchSlot.Read);
                Watch.Arm(WatchSlot.Artim, Timeouts.Artim);
                break;
            case UpperLayerEffect.StopArtim:
                Watch.Disarm(WatchSlot.Artim);
                break;
            case UpperLayerEffect.CloseTransport:
                Close();
                break;
        }
    }

    /// <summary>False when the connection is gone, or another write did not end in time.</summary>
    private async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes, TimeSpan patience)
    {
        if (!await _writing.WaitAsync(patience))
        {
            Close();
            return false;
        }
        try
        {
            Watch.Arm(WatchSlot.Write, patience == Timeout.InfiniteTimeSpan ? Timeouts.Send : patience);
            await _stream.WriteAsync(bytes);
            return true;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            return false;
        }
        finally
        {
            Watch.Disarm(WatchSlot.Write);
            _writing.Release();
        }
    }

    // Runs on the timer; what it starts ends by itself.
    private void Expired(WatchSlot slot)
    {
        switch (slot)
        {
            case WatchSlot.Artim:
                Note(new AssociationEnd(AssociationEndCause.TimedOut, "The peer did not go on in time (ARTIM)."));
                _ = FireAsync(UpperLayerEvent.ArtimExpired).AsTask();
                break;
            case WatchSlot.Write:
                Note(new AssociationEnd(AssociationEndCause.TimedOut, "The peer does not take what is sent to it."));
                Close();
                break;
            default:
                Note(new AssociationEnd(AssociationEndCause.TimedOut, "The peer was silent for too long."));
                _ = FireAsync(UpperLayerEvent.AbortPrimitive).AsTask();
                break;
        }
    }
}

/// <summary>A connection, clear or within TLS.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Stream">What is read and written.</param>
internal sealed record Transport(Socket Socket, Stream Stream);

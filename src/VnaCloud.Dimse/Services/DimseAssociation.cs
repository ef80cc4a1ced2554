using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace VnaCloud.Dimse;

/// <summary>
/// An established association, from either side. One loop reads for all operations, so that C-CANCEL, responses and aborts are seen while
/// handlers work and data are sent. Methods may be called at the same time from several threads.
/// </summary>
public sealed partial class DimseAssociation : IAsyncDisposable
{
    private readonly UpperLayer _upper;
    private readonly ReceiveBuffer _buffer;
    private readonly MessageReader _reader;
    private readonly MessageWriter _writer;
    private readonly PresentationContext?[] _contextById = new PresentationContext?[256];
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<AssociationEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DimseHandler? _handler;
    private readonly DimseEvents _events;
    private readonly AssociationOffer _offer;
    private readonly PduLimits _limits;

    internal DimseAssociation(UpperLayer upper, ReceiveBuffer buffer, AssociationOffer offer, Agreement agreement)
    {
        (_upper, _buffer, _offer, _handler, _events) = (upper, buffer, offer, agreement.Handler, agreement.Events);
        _limits = agreement.Limits;
        (IsRequestor, Contexts, Peer) = (agreement.IsRequestor, agreement.Contexts, agreement.Peer);
        RefusedContexts = [.. offer.Request.Contexts.Where(proposed => !Contexts.Any(context => context.Id == proposed.Id))];
        foreach (var context in Contexts)
        {
            _contextById[context.Id] = context;
        }
        var window = agreement.Window;
        (MaxInvoked, MaxPerformed) = IsRequestor ? (Count(window.Invoked), Count(window.Performed)) : (Count(window.Performed), Count(window.Invoked));
        _slots = new SemaphoreSlim(MaxInvoked);
        _reader = new MessageReader(upper, buffer, agreement.Limits) { ContextOf = id => _contextById[id], WaitForPdu = WaitForPduAsync, OtherPdu = OtherPduAsync };
        _writer = new MessageWriter(upper, Peer.MaxPduLength ?? 0, agreement.MaxSendPdu);
    }

    /// <summary>This side asked for the association.</summary>
    public bool IsRequestor { get; }

    /// <summary>AE title of the side that asked.</summary>
    public string CallingAeTitle => _offer.Request.CallingAeTitle;

    /// <summary>AE title of the side that was asked.</summary>
    public string CalledAeTitle => _offer.Request.CalledAeTitle;

    /// <summary>The request, who sent it, and the peer's certificate.</summary>
    public AssociationOffer Offer => _offer;

    /// <summary>The peer's address and port.</summary>
    public IPEndPoint Remote => _offer.Remote;

    /// <summary>The peer's verified certificate; null without.</summary>
    public X509Certificate2? PeerCertificate => _offer.ClientCertificate;

    /// <summary>What the peer said of itself: implementation, longest PDU, extended negotiation.</summary>
    public UserInformation Peer { get; }

    /// <summary>Contexts that were agreed on.</summary>
    public IReadOnlyList<PresentationContext> Contexts { get; }

    /// <summary>Contexts that were proposed and refused: what cannot be stored, for one, is lost silently unless somebody is told.</summary>
    public IReadOnlyList<ProposedContext> RefusedContexts { get; }

    /// <summary>Operations that this side may have outstanding.</summary>
    public int MaxInvoked { get; }

    /// <summary>Operations that the peer may have outstanding.</summary>
    public int MaxPerformed { get; }

    /// <summary>Ends when the association has ended and no handler runs any more; never fails.</summary>
    public Task<AssociationEnd> Completion => _completion.Task;

    /// <summary>A-RELEASE (PS3.8 section 7.2): waits for the peer's answer, and aborts when none comes in time.</summary>
    public async Task ReleaseAsync()
    {
        if (await _upper.FireAsync(UpperLayerEvent.ReleaseRequestPrimitive) is null)
        {
            await Completion;
            return;
        }
        try
        {
            await Completion.WaitAsync(_upper.Timeouts.Release, _upper.Time);
        }
        catch (TimeoutException)
        {
            await AbortAsync();
            await Completion;
        }
    }

    /// <summary>A-ABORT: operations under way fail on both sides. Returns when it is sent; <see cref="Completion"/> comes after.</summary>
    public async Task AbortAsync()
    {
        _upper.Note(new AssociationEnd(AssociationEndCause.AbortedLocally, "Aborted by this side.") { Abort = AbortPdu.ByUser });
        await _ended.CancelAsync();
        await _upper.FireAsync(UpperLayerEvent.AbortPrimitive);
    }

    /// <summary>Aborts unless the association has ended, and waits for its end. Not to be called by its handlers.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_completion.Task.IsCompleted)
        {
            await AbortAsync();
            await Completion;
        }
    }

    /// <summary>Reads until the end; the only reader of the connection.</summary>
    internal async Task RunAsync()
    {
        try
        {
            while (await _reader.NextAsync() is { } message)
            {
                await TakeAsync(message);
            }
        }
        catch (PduFormatException error)
        {
            _upper.Note(new AssociationEnd(AssociationEndCause.ProtocolError, error.Message));
            await _upper.FireAsync(UpperLayerEvent.InvalidPdu, PduWriter.Write(AbortPdu.ByProvider(error.Fault)));
        }
        catch (Exception error) when (error is AssociationException or OperationCanceledException)
        {
            // The connection went within a message, or this side aborted: the end below says so.
        }
        await FinishAsync();
    }

    private async Task FinishAsync()
    {
        await _ended.CancelAsync();
        await _upper.FinishAsync(_buffer);
        var end = _upper.End!;
        FailOperations(end);
        await HandlersAsync();
        _buffer.Dispose();
        await _upper.DisposeAsync();
        _events.Ended?.Invoke(this, end);
        _completion.TrySetResult(end);
    }

    // 0 is without limit; this side has one all the same.
    private static int Count(ushort operations) => operations == 0 ? 64 : operations;
}

/// <summary>What an association is made of, beside its connection.</summary>
internal sealed record Agreement
{
    public required bool IsRequestor { get; init; }

    public required IReadOnlyList<PresentationContext> Contexts { get; init; }

    /// <summary>As the peer sent it.</summary>
    public required UserInformation Peer { get; init; }

    /// <summary>As the acceptor answered; one of each without.</summary>
    public required AsyncWindow Window { get; init; }

    public required DimseHandler? Handler { get; init; }

    public required DimseEvents Events { get; init; }

    public required PduLimits Limits { get; init; }

    public required int MaxSendPdu { get; init; }
}

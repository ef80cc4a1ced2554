using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>
/// Answers an operation: the returned response is the final one, and is sent once the request's data set has been taken. Several run at once
/// where an asynchronous operations window was agreed on.
/// </summary>
/// <param name="request">What is asked.</param>
/// <param name="cancellation">C-CANCEL, or the end of the association. A handler that throws for it is answered for with FE00H.</param>
/// <returns>
/// The response. An exception is answered with 0110H (a <see cref="DicomFormatException"/> with C000H), is told to
/// <see cref="DimseEvents"/>, and leaves the association usable.
/// </returns>
public delegate Task<DimseResponse> DimseHandler(DimseRequest request, CancellationToken cancellation);

/// <summary>An operation that the peer asks for.</summary>
public sealed class DimseRequest
{
    /// <summary>Longest data set that <see cref="ReadDataSetAsync"/> reads unless told otherwise; 16 MiB.</summary>
    public const long DefaultMaxDataSet = 16 * 1024 * 1024;

    private readonly CancellationTokenSource _cancellation;
    private readonly DataSetStream? _data;

    internal DimseRequest(DimseAssociation association, IncomingMessage message, byte[]? held, CancellationToken ended)
    {
        (Association, Command, Context, _data, Held) = (association, message.Command, message.Context, message.Data, held);
        Data = held is not null ? new MemoryStream(held, writable: false) : _data ?? Stream.Null;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(ended);
    }

    /// <summary>The association: who asks, from where, what was agreed on. Sub-operations of C-GET go over it.</summary>
    public DimseAssociation Association { get; }

    /// <summary>The command set.</summary>
    public CommandSet Command { get; }

    /// <summary>Which operation.</summary>
    public CommandField Field => Command.Field;

    /// <summary>The context, with the transfer syntax of the data set.</summary>
    public PresentationContext Context { get; }

    /// <summary>A data set came along.</summary>
    public bool HasDataSet => _data is not null;

    /// <summary>
    /// The data set in the transfer syntax of <see cref="Context"/>, without File Meta Information; empty when there is none.
    /// That of C-STORE is read as it comes, best in large pieces; others are held already, up to <see cref="PduLimits.HeldDataSet"/>. It throws <see cref="AssociationException"/> when the association ends
    /// within the data set: what was read till then is to be discarded. What is not read is passed over.
    /// </summary>
    public Stream Data { get; }

    /// <summary>The peer sent C-CANCEL for this operation.</summary>
    public bool IsCancelRequested { get; private set; }

    internal byte[]? Held { get; }

    /// <summary>The association ended within the data set.</summary>
    internal bool IsDataSetBroken => _data is { Completed.IsFaulted: true };

    internal CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Reads the whole data set into memory: for identifiers, references and the like.</summary>
    /// <exception cref="DicomFormatException">It is none, or longer than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="AssociationException">The association ended.</exception>
    public ValueTask<DicomDataSet> ReadDataSetAsync(long maxBytes = DefaultMaxDataSet) =>
        DimseDataSets.ReadAsync(Data, Context.TransferSyntax, maxBytes, CancellationToken.None);

    /// <summary>Sends a response after which more come: FF00H or FF01H with a match, or with the numbers of sub-operations.</summary>
    /// <exception cref="OperationCanceledException">The operation was cancelled: the final response is due.</exception>
    /// <exception cref="AssociationException">The association ended.</exception>
    public ValueTask SendPendingAsync(DimseResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (!response.Status.IsPending)
        {
            throw new ArgumentException("Only a pending response is not the last one.", nameof(response));
        }
        Cancellation.ThrowIfCancellationRequested();
        return Association.RespondAsync(this, response, Cancellation);
    }

    internal void Cancel()
    {
        IsCancelRequested = true;
        // Not on this thread: it is the one that reads.
        _ = _cancellation.CancelAsync();
    }

    internal void Abandon(AssociationException why) => _data?.Abandon(why);

    internal ValueTask DrainAsync() => _data is null ? default : _data.DrainAsync();

    internal void Forget() => _cancellation.Dispose();
}

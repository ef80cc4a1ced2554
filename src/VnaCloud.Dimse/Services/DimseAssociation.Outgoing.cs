using System.Threading.Channels;
using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

public sealed partial class DimseAssociation
{
    // Responses that wait for whoever asked; past this the peer waits.
    private const int Queued = 64;

    private readonly Dictionary<ushort, Operation> _operations = [];
    private readonly SemaphoreSlim _slots;
    private ushort _lastMessageId;

    /// <summary>An operation that this side asked for and that has no final response yet.</summary>
    private sealed class Operation(ushort messageId, PresentationContext context)
    {
        public ushort MessageId => messageId;

        public PresentationContext Context => context;

        public Channel<(CommandSet Command, byte[]? Data)> Responses { get; } =
            Channel.CreateBounded<(CommandSet, byte[]?)>(new BoundedChannelOptions(Queued) { SingleReader = true, SingleWriter = false });
    }

    /// <summary>The context for a SOP class in which this side may be SCU, in one of the transfer syntaxes if any is named; null when there is none.</summary>
    public PresentationContext? FindContext(string sopClassUid, string? transferSyntax = null) =>
        ContextWhere(sopClassUid, transferSyntax, IsRequestor ? ServiceRoles.Scu : ServiceRoles.Scp);

    private PresentationContext? ContextWhere(string sopClassUid, string? transferSyntax, ServiceRoles ofRequestor) => Contexts.FirstOrDefault(context =>
        context.AbstractSyntax == sopClassUid && (transferSyntax is null || context.TransferSyntax == transferSyntax) && context.RequestorRoles.HasFlag(ofRequestor));

    // Events are reported by the SCP of a service to its SCU (PS3.7 section 10.1.1).
    private PresentationContext RequireContextForEvents(string sopClassUid) =>
        ContextWhere(sopClassUid, null, IsRequestor ? ServiceRoles.Scp : ServiceRoles.Scu) ?? throw new InvalidOperationException($"No context for {sopClassUid} was accepted in which this side may report.");

    private PresentationContext RequireContext(string sopClassUid) =>
        FindContext(sopClassUid) ?? throw new InvalidOperationException($"No context for {sopClassUid} was accepted in which this side may ask.");

    private async Task<Operation> StartAsync(PresentationContext context, CommandSet command, Stream? data, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        var operation = Register(context);
        command.With(DicomTags.MessageID, operation.MessageId)
            .With(DicomTags.CommandDataSetType, data is null ? CommandSet.NoDataSet : (ushort)0);
        try
        {
            await _writer.SendAsync(context.Id, command, data, cancellation);
        }
        catch
        {
            Forget(operation);
            throw;
        }
        Rearm();
        return operation;
    }

    private Operation Register(PresentationContext context)
    {
        lock (_requests)
        {
            do
            {
                _lastMessageId = _lastMessageId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastMessageId + 1);
            }
            while (_operations.ContainsKey(_lastMessageId));
            var operation = new Operation(_lastMessageId, context);
            _operations.Add(operation.MessageId, operation);
            if (_completion.Task.IsCompleted)
            {
                operation.Responses.Writer.TryComplete(_upper.Ended());
            }
            return operation;
        }
    }

    private bool Forget(Operation operation)
    {
        lock (_requests)
        {
            if (!_operations.Remove(operation.MessageId))
            {
                return false;
            }
        }
        _slots.Release();
        return true;
    }

    private async ValueTask TakeResponseAsync(IncomingMessage message)
    {
        Operation? operation;
        lock (_requests)
        {
            _operations.TryGetValue(message.Command.RespondedTo, out operation);
        }
        var data = message.Data is { } stream
            ? await stream.HoldAsync(_limits.HeldDataSet) ?? throw new PduFormatException(PduFault.InvalidParameter, "The data set of a response past the limit")
            : null;
        if (operation is null)
        {
            // To what was never asked, or is done with.
            return;
        }
        if (!message.Command.Status.IsPending)
        {
            Forget(operation);
        }
        await operation.Responses.Writer.WriteAsync((message.Command, data), _ended.Token);
        if (!message.Command.Status.IsPending)
        {
            operation.Responses.Writer.TryComplete();
        }
    }

    private void FailOperations(AssociationEnd end)
    {
        Operation[] left;
        lock (_requests)
        {
            left = [.. _operations.Values];
        }
        foreach (var operation in left)
        {
            Forget(operation);
            operation.Responses.Writer.TryComplete(new AssociationException(end));
        }
    }

    /// <summary>The responses in their order, up to the final one.</summary>
    private static async IAsyncEnumerable<DimseResponse> ResponsesAsync(Operation operation)
    {
        await foreach (var (command, data) in operation.Responses.Reader.ReadAllAsync())
        {
            yield return new DimseResponse(command.Status)
            {
                Command = command,
                ErrorComment = command.ErrorComment,
                SubOperations = command.SubOperations,
                ErrorId = command.Number(DicomTags.ErrorID),
                AffectedSopInstanceUid = command.SopInstanceUid,
                DataSet = data is null ? null : await DimseDataSets.ReadAsync(new MemoryStream(data), operation.Context.TransferSyntax, data.Length, CancellationToken.None),
            };
        }
    }

    private async Task<DimseResponse> FinalAsync(PresentationContext context, CommandSet command, Stream? data, CancellationToken cancellation)
    {
        var operation = await StartAsync(context, command, data, cancellation);
        await foreach (var response in ResponsesAsync(operation))
        {
            if (!response.Status.IsPending)
            {
                return response;
            }
        }
        throw _upper.Ended();
    }

    /// <summary>
    /// Pending responses and the final one. When the consumer stops before, or cancels, the peer is sent C-CANCEL and the rest is awaited, so
    /// that the association can be used on.
    /// </summary>
    private async IAsyncEnumerable<DimseResponse> ManyAsync(
        PresentationContext context, CommandSet command, DicomDataSet identifier, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var data = new MemoryStream(DimseDataSets.Encode(identifier, context.TransferSyntax));
        var operation = await StartAsync(context, command, data, cancellation);
        var responses = ResponsesAsync(operation).GetAsyncEnumerator(CancellationToken.None);
        var isFinal = false;
        await using var registration = cancellation.Register(() => _ = CancelAsync(operation));
        try
        {
            while (await responses.MoveNextAsync())
            {
                isFinal = !responses.Current.Status.IsPending;
                if (isFinal)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
                if (!cancellation.IsCancellationRequested)
                {
                    yield return responses.Current;
                }
            }
        }
        finally
        {
            if (!isFinal)
            {
                await CancelAsync(operation);
                await DrainAsync(responses);
            }
            await responses.DisposeAsync();
        }
    }

    private static async Task DrainAsync(IAsyncEnumerator<DimseResponse> responses)
    {
        try
        {
            while (await responses.MoveNextAsync())
            {
            }
        }
        catch (Exception error) when (error is AssociationException or DicomFormatException)
        {
            // It is over either way.
        }
    }

    /// <summary>C-CANCEL-RQ, unless the final response has come.</summary>
    private async Task CancelAsync(Operation operation)
    {
        lock (_requests)
        {
            if (!_operations.ContainsKey(operation.MessageId))
            {
                return;
            }
        }
        var command = new CommandSet()
            .With(DicomTags.CommandField, (ushort)CommandField.CCancelRequest)
            .With(DicomTags.MessageIDBeingRespondedTo, operation.MessageId)
            .With(DicomTags.CommandDataSetType, CommandSet.NoDataSet);
        try
        {
            await _writer.SendAsync(operation.Context.Id, command, null, CancellationToken.None);
        }
        catch (AssociationException)
        {
            // The operation fails by itself.
        }
    }
}

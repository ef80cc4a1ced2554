using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

public sealed partial class DimseAssociation
{
    // Peers that send a request or two too many are served; past this they are stopped.
    private const int Tolerated = 16;
    private static readonly byte[] TooLong = new byte[1];
    private readonly Dictionary<ushort, DimseRequest> _requests = [];
    private readonly HashSet<Task> _handlers = [];
    private readonly Lock _waiting = new();
    private bool _isWaiting;
    private bool _stopsWhenIdle;

    /// <summary>Between messages, with nothing under way here: the idle time runs.</summary>
    internal bool IsWaiting
    {
        get
        {
            lock (_waiting)
            {
                return _isWaiting && !IsBusy;
            }
        }
    }

    /// <summary>Handlers at work and operations outstanding.</summary>
    private bool IsBusy
    {
        get
        {
            lock (_requests)
            {
                return _handlers.Count > 0 || _operations.Count > 0;
            }
        }
    }

    internal ValueTask RespondAsync(DimseRequest request, DimseResponse response, CancellationToken cancellation)
    {
        var command = Responses.Command(request.Command, response);
        var data = response.DataSet is { } dataSet ? new MemoryStream(DimseDataSets.Encode(dataSet, request.Context.TransferSyntax)) : null;
        // Once begun a response is sent whole: what is cancelled is the operation.
        cancellation.ThrowIfCancellationRequested();
        return _writer.SendAsync(request.Context.Id, command, data, CancellationToken.None);
    }

    /// <summary>Ends the association as soon as nothing is under way.</summary>
    internal async Task StopWhenIdleAsync()
    {
        Volatile.Write(ref _stopsWhenIdle, true);
        if (!IsBusy)
        {
            await AbortAsync();
        }
    }

    private async ValueTask TakeAsync(IncomingMessage message)
    {
        var command = message.Command;
        if (command.Field == CommandField.CCancelRequest)
        {
            CancelRequest(command.RespondedTo);
        }
        else if (command.IsResponse)
        {
            await TakeResponseAsync(message);
        }
        else if (command.Field == CommandField.CStoreRequest)
        {
            Begin(new DimseRequest(this, message, null, _ended.Token));
            await (message.Data?.Completed ?? Task.CompletedTask);
        }
        else
        {
            // Held, so that what follows can be read whatever the handler does first: C-CANCEL, responses to sub-operations.
            var held = message.Data is { } data ? await data.HoldAsync(_limits.HeldDataSet) ?? TooLong : null;
            Begin(new DimseRequest(this, message, held, _ended.Token));
        }
    }

    private void CancelRequest(ushort messageId)
    {
        // Within the lock: what is still in there has not been disposed.
        lock (_requests)
        {
            _requests.GetValueOrDefault(messageId)?.Cancel();
        }
    }

    private void Begin(DimseRequest request)
    {
        Task running;
        lock (_requests)
        {
            if (_handlers.Count >= Math.Max(MaxPerformed, Tolerated))
            {
                throw new PduFormatException(PduFault.Unspecified, "More operations at once than were agreed on");
            }
            var isNew = _requests.TryAdd(request.Command.MessageId, request);
            running = Task.Run(() => ServeAsync(request, isNew));
            _handlers.Add(running);
        }
        // Outside of the lock: it may run at once, and takes another lock first.
        _ = running.ContinueWith(Served, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Served(Task running)
    {
        lock (_waiting)
        {
            lock (_requests)
            {
                _handlers.Remove(running);
            }
            Rearm();
        }
        if (Volatile.Read(ref _stopsWhenIdle) && !IsBusy)
        {
            _ = AbortAsync();
        }
    }

    private async Task ServeAsync(DimseRequest request, bool isNew)
    {
        try
        {
            var response = isNew ? await HandleAsync(request) : new DimseResponse(DimseStatus.DuplicateInvocation);
            await request.DrainAsync();
            Release(request, isNew);
            await RespondAsync(request, response, CancellationToken.None);
        }
        catch (AssociationException)
        {
            // Nobody is left to answer.
        }
        finally
        {
            Release(request, isNew);
            // A handler that was cancelled before it read anything leaves the data set to nobody, and the reader waits for its end.
            request.Abandon(_upper.Ended());
            request.Forget();
        }
    }

    // Before the response goes out: after it the peer may use the identifier again.
    private void Release(DimseRequest request, bool isNew)
    {
        lock (_requests)
        {
            if (isNew && _requests.TryGetValue(request.Command.MessageId, out var current) && current == request)
            {
                _requests.Remove(request.Command.MessageId);
            }
        }
    }

    private async Task<DimseResponse> HandleAsync(DimseRequest request)
    {
        if (_handler is null || !Responses.IsKnown(request.Field))
        {
            return new DimseResponse(DimseStatus.UnrecognizedOperation);
        }
        if (request.Held == TooLong)
        {
            return new DimseResponse(DimseStatus.ResourceLimitation, "The data set is too long");
        }
        if (!request.HasDataSet && Responses.NeedsDataSet(request.Field))
        {
            return new DimseResponse(DimseStatus.CannotUnderstand, "The data set is missing");
        }
        try
        {
            return await _handler(request, request.Cancellation);
        }
        catch (OperationCanceledException) when (request.Cancellation.IsCancellationRequested)
        {
            return request.IsCancelRequested ? new DimseResponse(DimseStatus.Cancel) : throw _upper.Ended();
        }
        catch (AssociationException) when (request.IsDataSetBroken || _ended.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever a handler throws, the peer gets an answer and the association stays usable.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _events.HandlerFailed?.Invoke(request, error);
            return error is DicomFormatException ? new DimseResponse(DimseStatus.CannotUnderstand, "The data set cannot be read") : new DimseResponse(DimseStatus.ProcessingFailure);
        }
    }

    private async Task HandlersAsync()
    {
        Task[] running;
        lock (_requests)
        {
            running = [.. _handlers];
        }
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask<bool> WaitForPduAsync()
    {
        if (_buffer.Available > 0)
        {
            return true;
        }
        _buffer.Shrink();
        _buffer.BeginMessage();
        lock (_waiting)
        {
            _isWaiting = true;
            Rearm();
        }
        var more = await _buffer.EnsureAsync(1, Timeout.InfiniteTimeSpan);
        lock (_waiting)
        {
            _isWaiting = false;
            _upper.Watch.Disarm(WatchSlot.Read);
        }
        _buffer.BeginMessage();
        return more;
    }

    /// <summary>Whoever waits for a message waits as long as what is under way allows.</summary>
    private void Rearm()
    {
        lock (_waiting)
        {
            if (!_isWaiting)
            {
                return;
            }
            bool isAsking, isServing;
            lock (_requests)
            {
                (isAsking, isServing) = (_operations.Count > 0, _handlers.Count > 0);
            }
            if (isAsking || !isServing)
            {
                _upper.Watch.Arm(WatchSlot.Read, isAsking ? _upper.Timeouts.Response : _upper.Timeouts.Idle);
            }
            else
            {
                // The peer waits for this side.
                _upper.Watch.Disarm(WatchSlot.Read);
            }
        }
    }

    private async ValueTask<bool> OtherPduAsync(PduType type, int length)
    {
        switch (type)
        {
            case PduType.Abort or PduType.AssociateReject or PduType.ReleaseRequest or PduType.ReleaseResponse:
                if (!await _buffer.EnsureAsync(length, _upper.Timeouts.Progress))
                {
                    return false;
                }
                await _upper.ReceivedAsync(type, _buffer.Window.Span[2..4].ToArray());
                _buffer.Advance(length);
                break;
            default:
                await _upper.ReceivedAsync(type, default);
                break;
        }
        return _upper.State is not (UpperLayerState.Idle or UpperLayerState.AwaitingClose);
    }
}

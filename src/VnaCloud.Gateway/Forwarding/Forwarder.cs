using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>Keeps as many requests to one destination under way as it takes. One loop decides, so that nothing is decided twice.</summary>
internal sealed partial class Forwarder(Destination destination, Upload upload, ILogger logger)
{
    // Nothing to wait for but what is signalled; looked at again all the same.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    public async Task RunAsync(TimeProvider time, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                destination.Window.Look();
                var wait = StartWhatMay(time, stopping);
                await destination.Queue.WaitAsync(wait, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(Running()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan StartWhatMay(TimeProvider time, CancellationToken stopping)
    {
        while (destination.InFlight < destination.Window.Limit)
        {
            if (destination.Breaker.TryEnter(out var wait) is not { } ticket)
            {
                return wait == Timeout.InfiniteTimeSpan || wait > Idle ? Idle : wait;
            }
            if (destination.Queue.TryTake(out var due, destination.Window.Limit, destination.Window.Portion) is not { } batch)
            {
                destination.Breaker.Leave(ticket);
                var until = due - time.GetUtcNow();
                return until > Idle || until is null ? Idle : until > TimeSpan.Zero ? until.Value : TimeSpan.FromMilliseconds(1);
            }
            Start(batch, ticket, stopping);
        }
        destination.Window.Full();
        return ConnectionWindow.Trial;
    }

    private void Start(Batch batch, int ticket, CancellationToken stopping)
    {
        lock (_gate)
        {
            destination.InFlight++;
            _running.Add(RunAsync());
        }

        async Task RunAsync()
        {
            await Task.Yield();
            try
            {
                await upload.RunAsync(batch, ticket, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (Exception fault)
            {
                // A fault of ours must not lose the batch: it is tried again later, and the log has the trace.
                Log.Fault(logger, fault, batch.Id);
                destination.Breaker.Failed(ticket, "The gateway failed.", null);
                destination.Queue.Return(batch, batch.Objects, batch.Objects.Count, Idle);
            }
            finally
            {
                lock (_gate)
                {
                    destination.InFlight--;
                    _running.RemoveWhere(task => task.IsCompleted);
                }
                destination.Queue.Pulse();
            }
        }
    }

    private Task[] Running()
    {
        lock (_gate)
        {
            return [.. _running];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4304, LogLevel.Error, "Batch {Batch} could not be dealt with")]
        public static partial void Fault(ILogger logger, Exception fault, Receipt batch);
    }
}

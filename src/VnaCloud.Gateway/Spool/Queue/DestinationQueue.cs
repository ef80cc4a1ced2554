namespace VnaCloud.Gateway.Spool;

/// <summary>Objects for one destination, in memory: the folder alone is what lasts. Urgent ones first, old studies that are moved in between.</summary>
internal sealed class DestinationQueue(string name, BatchLimits limits, ReceiptSequence ids, TimeProvider time)
{
    // One of so many batches is the backload's, however much else there is: it comes to an end.
    private const int BackloadShare = 8;

    private readonly Lock _gate = new();
    private readonly LaneQueue[] _lanes = [.. Enum.GetValues<Lane>().Select(lane => new LaneQueue(lane))];
    private TaskCompletionSource _changed = NewSignal();
    private int _taken;

    public string Name { get; } = name;

    public void Add(SpooledObject spooled)
    {
        lock (_gate)
        {
            _lanes[(int)spooled.Route.Lane].Add(spooled);
        }
        Pulse();
    }

    /// <summary>The next batch; null when nothing may go now, and then when something may by itself, if anything.</summary>
    /// <param name="due">When something may go by itself.</param>
    /// <param name="requests">How many may be under way at once.</param>
    /// <param name="portion">Bytes that one of them carries in good time.</param>
    public Batch? TryTake(out DateTimeOffset? due, int requests = 1, long portion = long.MaxValue)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var lane in Order())
            {
                if (_lanes[(int)lane].TryTake(waiting => limits.Share(waiting, requests, portion), now, ids) is { } batch)
                {
                    _taken++;
                    due = null;
                    return batch;
                }
            }
            due = _lanes.Min(lane => lane.Due);
            return null;
        }
    }

    /// <summary>An object of a batch needs no further attempt: it is confirmed, or set aside.</summary>
    public void Release(SpooledObject spooled)
    {
        lock (_gate)
        {
            _lanes[(int)spooled.Route.Lane].Release(spooled);
        }
        Pulse();
    }

    /// <summary>Objects of a batch are to be tried again after a while, in requests of at most so many.</summary>
    public void Return(Batch batch, IReadOnlyList<SpooledObject> objects, int size, TimeSpan pause)
    {
        lock (_gate)
        {
            foreach (var part in objects.Chunk(size))
            {
                // Another body is another batch.
                var id = part.Length == batch.Objects.Count ? batch.Id : ids.Next();
                var again = new Batch(id, batch.Lane, part) { Failures = batch.Failures, Rejections = batch.Rejections };
                _lanes[(int)batch.Lane].Return(again, time.GetUtcNow() + pause);
            }
        }
        Pulse();
    }

    /// <summary>Ends when something changed since it ended last, or after a while.</summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            await _changed.Task.WaitAsync(limit, time, cancellation);
        }
        catch (TimeoutException)
        {
            return;
        }
        // What changes from here on is seen by whoever waited, or by the next signal.
        Interlocked.Exchange(ref _changed, NewSignal());
    }

    /// <summary>Wakes whoever waits.</summary>
    public void Pulse() => Volatile.Read(ref _changed).TrySetResult();

    public IReadOnlyList<LaneState> Lanes()
    {
        lock (_gate)
        {
            return [.. _lanes.Select(lane => lane.State)];
        }
    }

    private Lane[] Order() => _taken % BackloadShare == BackloadShare - 1 ? [Lane.Stat, Lane.Backload, Lane.Normal] : [Lane.Stat, Lane.Normal, Lane.Backload];

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

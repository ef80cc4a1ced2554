using System.Diagnostics;

namespace VnaCloud.Archive;

/// <summary>
/// The transactions of a server (ADR 0014). One takes what queued while the one before it was in flight, so that small requests share an
/// fsync and what a transaction costs; a second begins beside it only once it takes long. A study's packs are never in two at once, so
/// no two transactions of this server wait for each other's rows. SQLite, which has one writer, has one lane.
/// </summary>
public sealed class CommitLanes : IAsyncDisposable
{
    /// <summary>Lanes for an index that many writers may commit to at once.</summary>
    public const int Many = 4;

    /// <summary>Most instances in one transaction, unless one pack alone has more.</summary>
    internal const int MaxRows = 2_000;

    /// <summary>What queues behind a transaction gets one of its own when that one has not ended by then.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan BusyRetryAfter = TimeSpan.FromSeconds(5);

    private readonly IArchiveIndex _index;
    private readonly JournalWriter _journal;
    private readonly int _count;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _queue = new();
    private readonly HashSet<(TenantId Tenant, string Study)> _studies = [];
    private int _running;
    private long _begun;
    private bool _closed;

    /// <summary>Opens the lanes.</summary>
    /// <param name="index">Where packs become visible.</param>
    /// <param name="journal">Where what was decided against them is kept.</param>
    /// <param name="time">Tells when a transaction takes long.</param>
    /// <param name="count">Most transactions at a time, from 1.</param>
    public CommitLanes(IArchiveIndex index, JournalWriter journal, TimeProvider time, int count = 1)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (_index, _journal, _time, _count) = (index, journal, time, count);
        _timer = time.CreateTimer(_ => Begin(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private sealed record Waiting(PackCommit Pack)
    {
        public TaskCompletionSource<PackResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public (TenantId, string) Study => (Pack.Tenant, Pack.StudyUid);

        /// <summary>The request whose pack it is, for its trace.</summary>
        public ActivityContext Trace { get; } = ArchiveActivity.Source.HasListeners() ? Activity.Current?.Context ?? default : default;
    }

    /// <summary>Commits a durable pack; returns when it is visible, and what was decided against is in the journal.</summary>
    public Task<PackResult> CommitAsync(PackCommit pack)
    {
        ArgumentNullException.ThrowIfNull(pack);
        var waiting = new Waiting(pack);
        lock (_lock)
        {
            if (_closed)
            {
                throw new InvalidOperationException("The lanes are closed.");
            }
            _queue.AddLast(waiting);
            IngestMeter.Queued(1);
        }
        Begin();
        return waiting.Result.Task;
    }

    /// <summary>Commits what is queued, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _closed = true;
        }
        Begin();
        await _ended.Task;
        await _timer.DisposeAsync();
    }

    private void Begin()
    {
        lock (_lock)
        {
            if (_closed && _running == 0 && _queue.Count == 0)
            {
                _ended.TrySetResult();
            }
            if (_running == _count || _queue.Count == 0)
            {
                return;
            }
            if (_running > 0 && Patience - _time.GetElapsedTime(_begun) is var wait && wait > TimeSpan.Zero)
            {
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
                return;
            }
            if (Take() is { Count: > 0 } batch)
            {
                _running++;
                _begun = _time.GetTimestamp();
                _ = Task.Run(() => RunAsync(batch));
            }
        }
    }

    // In the order in which they came, but for packs whose study is in a transaction that is in flight.
    private List<Waiting> Take()
    {
        var (batch, rows) = (new List<Waiting>(), 0);
        for (var node = _queue.First; node is not null;)
        {
            var (waiting, at) = (node.Value, node);
            node = node.Next;
            if (_studies.Contains(waiting.Study))
            {
                continue;
            }
            if (batch.Count > 0 && rows + waiting.Pack.Members.Count > MaxRows)
            {
                break;
            }
            _queue.Remove(at);
            batch.Add(waiting);
            rows += waiting.Pack.Members.Count;
        }
        _studies.UnionWith(batch.Select(static waiting => waiting.Study));
        if (batch.Count > 0)
        {
            IngestMeter.Taken(batch.Count, rows);
        }
        return batch;
    }

    private async Task RunAsync(List<Waiting> batch)
    {
        try
        {
            await CommitAsync(batch);
        }
        finally
        {
            lock (_lock)
            {
                _running--;
                _studies.ExceptWith(batch.Select(static waiting => waiting.Study));
            }
            Begin();
        }
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        using var activity = Begin(batch);
        var started = _time.GetTimestamp();
        try
        {
            // Not the requests' cancellation: a pack that is durable is committed even when its sender has gone.
            var results = await _index.CommitAsync(batch.ConvertAll(waiting => waiting.Pack), CancellationToken.None);
            if (results.Any(result => result.Outcomes.Any(outcome => outcome != MemberOutcome.Stored)))
            {
                await _journal.FlushAsync(batch[0].Pack.Tenant, CancellationToken.None);
            }
            IngestMeter.Committed(_time.GetElapsedTime(started), null);
            // Ended before those who wait go on: their own spans are to be the longer ones.
            activity?.Stop();
            for (var i = 0; i < batch.Count; i++)
            {
                if (results[i].IsBusy)
                {
                    batch[i].Result.SetException(new IndexUnavailableException(results[i].Refused!, BusyRetryAfter));
                }
                else
                {
                    batch[i].Result.SetResult(results[i]);
                }
            }
        }
        catch (Exception failure)
        {
            IngestMeter.Committed(_time.GetElapsedTime(started), failure);
            activity.Fail(failure);
            // Every request of the batch hears of it; the lane goes on with the next.
            foreach (var waiting in batch)
            {
                waiting.Result.TrySetException(failure);
            }
        }
    }

    // In the trace of the first request that is recorded; the others are linked. Not in that of whoever happened to set it going.
    private static Activity? Begin(List<Waiting> batch)
    {
        if (!ArchiveActivity.Source.HasListeners())
        {
            return null;
        }
        Activity.Current = null;
        var first = batch.Find(static waiting => waiting.Trace.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)) ?? batch[0];
        var others = batch.Where(waiting => waiting != first && waiting.Trace.TraceId != default).Select(static waiting => new ActivityLink(waiting.Trace));
        return ArchiveActivity.Source.StartActivity("index transaction", ActivityKind.Internal, first.Trace, links: others)?
            .SetTag("vna.packs", batch.Count).SetTag("vna.instances", batch.Sum(static waiting => waiting.Pack.Members.Count));
    }
}

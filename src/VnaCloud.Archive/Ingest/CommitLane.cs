using System.Threading.Channels;

namespace VnaCloud.Archive;

/// <summary>
/// One line of commits: a transaction takes what queued while the one before it was in flight, so that small requests share an
/// fsync and no two writers meet on a row.
/// </summary>
internal sealed class CommitLane : IAsyncDisposable
{
    /// <summary>Most instances in one transaction, unless one pack alone has more.</summary>
    public const int MaxRows = 2_000;

    private static readonly TimeSpan BusyRetryAfter = TimeSpan.FromSeconds(5);

    private readonly IArchiveIndex _index;
    private readonly JournalWriter _journal;
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _loop;

    /// <summary>Starts the lane.</summary>
    public CommitLane(IArchiveIndex index, JournalWriter journal)
    {
        _index = index;
        _journal = journal;
        _loop = Task.Run(RunAsync);
    }

    private sealed record Waiting(PackCommit Pack, TaskCompletionSource<PackResult> Result);

    /// <summary>Commits a durable pack; returns when it is visible, and what was decided against is in the journal.</summary>
    public Task<PackResult> CommitAsync(PackCommit pack)
    {
        var result = new TaskCompletionSource<PackResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.Writer.TryWrite(new Waiting(pack, result)) ? result.Task : throw new InvalidOperationException("The lane is closed.");
    }

    /// <summary>Commits what is queued, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<Waiting>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var rows = 0;
            while (_queue.Reader.TryPeek(out var next) && (batch.Count == 0 || rows + next.Pack.Members.Count <= MaxRows))
            {
                _queue.Reader.TryRead(out _);
                batch.Add(next);
                rows += next.Pack.Members.Count;
            }
            await CommitAsync(batch);
        }
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        try
        {
            // Not the requests' cancellation: a pack that is durable is committed even when its sender has gone.
            var results = await _index.CommitAsync(batch.ConvertAll(waiting => waiting.Pack), CancellationToken.None);
            if (results.Any(result => result.Outcomes.Any(outcome => outcome != MemberOutcome.Stored)))
            {
                await _journal.FlushAsync(batch[0].Pack.Tenant, CancellationToken.None);
            }
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
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Every request of the batch hears of it; the lane goes on with the next.
            foreach (var waiting in batch)
            {
                waiting.Result.TrySetException(failure);
            }
        }
    }
}

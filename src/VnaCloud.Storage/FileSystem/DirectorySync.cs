namespace VnaCloud.Storage;

/// <summary>
/// fsync of directories, shared: those who ask for the same directory while an fsync is under way wait for one more, which starts
/// after all their changes and serves them all.
/// </summary>
/// <param name="sync">Blocks until the directory is on the disk.</param>
internal sealed class DirectorySync(Action<string> sync)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Round> _rounds = [];

    /// <summary>Completes when an fsync of <paramref name="directory"/> that started after this call has succeeded. The first caller runs it itself.</summary>
    public Task SyncAsync(string directory)
    {
        lock (_gate)
        {
            if (_rounds.TryGetValue(directory, out var round))
            {
                // The fsync under way may have begun before the caller's change.
                round.Next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return round.Next.Task;
            }
            _rounds.Add(directory, new Round());
        }
        return Run(directory) is { } failure ? Task.FromException(failure) : Task.CompletedTask;
    }

    private Exception? Run(string directory)
    {
        var failure = Try(directory);
        TaskCompletionSource? next;
        lock (_gate)
        {
            var round = _rounds[directory];
            (next, round.Next) = (round.Next, null);
            if (next is null || failure is not null)
            {
                _rounds.Remove(directory);
            }
        }
        if (next is null)
        {
            return failure;
        }
        if (failure is not null)
        {
            // An error is reported once per change and then forgotten by the kernel: the next fsync would claim a success it cannot know of.
            next.SetException(failure);
            return failure;
        }
        ThreadPool.UnsafeQueueUserWorkItem(_ => Settle(next, Run(directory)), null);
        return null;
    }

    private Exception? Try(string directory)
    {
        try
        {
            sync(directory);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception;
        }
    }

    private static void Settle(TaskCompletionSource waiting, Exception? failure)
    {
        if (failure is null)
        {
            waiting.SetResult();
        }
        else
        {
            waiting.SetException(failure);
        }
    }

    private sealed class Round
    {
        public TaskCompletionSource? Next { get; set; }
    }
}

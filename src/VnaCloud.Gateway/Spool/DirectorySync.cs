namespace VnaCloud.Gateway.Spool;

/// <summary>
/// fsync of one directory, shared: those who ask while one is under way wait for the next, which begins after all their renames and serves them all.
/// </summary>
/// <param name="sync">Blocks until the directory is on the disk.</param>
internal sealed class DirectorySync(Action sync)
{
    private readonly Lock _gate = new();
    private bool _running;
    private TaskCompletionSource? _next;

    /// <summary>Ends when an fsync that began after this call has succeeded. The first caller runs it itself.</summary>
    public Task SyncAsync()
    {
        lock (_gate)
        {
            if (_running)
            {
                // The one under way may have begun before the caller's rename.
                _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _next.Task;
            }
            _running = true;
        }
        return Run() is { } failure ? Task.FromException(failure) : Task.CompletedTask;
    }

    private IOException? Run()
    {
        var failure = Try();
        TaskCompletionSource? next;
        lock (_gate)
        {
            (next, _next) = (_next, null);
            _running = next is not null && failure is null;
        }
        if (next is not null && failure is not null)
        {
            // The kernel reports an error once and forgets it: the next fsync would claim what it cannot know.
            next.SetException(failure);
        }
        else if (next is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => Settle(next), null);
        }
        return failure;
    }

    private void Settle(TaskCompletionSource waiting)
    {
        if (Run() is { } failure)
        {
            waiting.SetException(failure);
        }
        else
        {
            waiting.SetResult();
        }
    }

    private IOException? Try()
    {
        try
        {
            sync();
            return null;
        }
        catch (IOException failure)
        {
            return failure;
        }
    }
}

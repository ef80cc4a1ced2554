using System.Collections.Concurrent;

namespace VnaCloud.Storage.Tests;

/// <summary>How fsyncs of a directory are shared.</summary>
public sealed class DirectorySyncTests
{
    [Fact]
    public async Task Sync_AskedForDuringAnother_IsServedByOneThatStartsAfterwards()
    {
        using var started = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var runs = 0;
        var sync = new DirectorySync(_ =>
        {
            Interlocked.Increment(ref runs);
            started.Release();
            go.Wait();
        });

        var first = Task.Run(() => sync.SyncAsync("d"));
        await started.WaitAsync(TestContext.Current.CancellationToken);
        var later = Enumerable.Range(0, 10).Select(_ => sync.SyncAsync("d")).ToArray();
        Assert.Equal(1, runs);
        go.Release();
        await first;
        Assert.DoesNotContain(later, task => task.IsCompleted);
        go.Release();
        await Task.WhenAll(later);

        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task Sync_OfDifferentDirectories_DoesNotWait()
    {
        var seen = new ConcurrentQueue<string>();
        var sync = new DirectorySync(seen.Enqueue);

        await Task.WhenAll(sync.SyncAsync("a"), sync.SyncAsync("b"), sync.SyncAsync("a"));

        Assert.Equal(["a", "b", "a"], seen);
    }

    [Fact]
    public async Task Sync_Failed_FailsThoseWhoWaitedForTheNextToo()
    {
        using var started = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var fail = true;
        var sync = new DirectorySync(_ =>
        {
            started.Release();
            go.Wait();
            if (fail)
            {
                throw new IOException("EIO");
            }
        });

        var first = Task.Run(() => sync.SyncAsync("d"));
        await started.WaitAsync(TestContext.Current.CancellationToken);
        var next = sync.SyncAsync("d");
        go.Release();

        await Assert.ThrowsAsync<IOException>(() => first);
        await Assert.ThrowsAsync<IOException>(() => next);
        fail = false;
        go.Release();
        await sync.SyncAsync("d");
        Assert.Equal(2, started.CurrentCount + 1);
    }
}

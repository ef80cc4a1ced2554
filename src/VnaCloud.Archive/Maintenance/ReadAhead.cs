using System.Runtime.CompilerServices;

namespace VnaCloud.Archive;

/// <summary>Reads the objects of a listing, several at once, and gives them in its order: a bucket answers many as fast as one.</summary>
internal static class ReadAhead
{
    /// <summary>Objects on their way at once. What a pack says of 5,000 instances takes some 10 MB.</summary>
    public const int AtOnce = 16;

    /// <summary>Each key with its reading, begun early; whoever gets it awaits it, and meets its failure.</summary>
    public static async IAsyncEnumerable<(string Key, Task<T> Reading)> RunAsync<T>(
        IAsyncEnumerable<string> keys, Func<string, CancellationToken, Task<T>> read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var window = new Queue<(string Key, Task<T> Reading)>(AtOnce);
        try
        {
            await foreach (var key in keys.WithCancellation(cancellation))
            {
                window.Enqueue((key, Task.Run(() => read(key, stop.Token), stop.Token)));
                if (window.Count == AtOnce)
                {
                    yield return window.Dequeue();
                }
            }
            while (window.TryDequeue(out var next))
            {
                yield return next;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(window.Select(static next => (Task)next.Reading)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

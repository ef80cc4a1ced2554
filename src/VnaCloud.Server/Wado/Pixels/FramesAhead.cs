using System.Runtime.CompilerServices;

namespace VnaCloud.Server.Wado.Pixels;

/// <summary>Makes frames ahead of where they are written, in order, so that several workers have something to do.</summary>
internal static class FramesAhead
{
    private const int Ahead = 2;

    /// <summary>Each of <paramref name="frames"/> by <paramref name="make"/>; what was made and not taken is disposed.</summary>
    public static async IAsyncEnumerable<T> MakeAsync<T>(IEnumerable<int> frames, Func<int, Task<T>> make, [EnumeratorCancellation] CancellationToken cancellation)
        where T : IDisposable
    {
        var making = new Queue<Task<T>>();
        try
        {
            foreach (var frame in frames)
            {
                cancellation.ThrowIfCancellationRequested();
                // Tasks of their own: a codec, in this process or in a worker, keeps its thread.
                making.Enqueue(Task.Run(() => make(frame), cancellation));
                if (making.Count > Ahead)
                {
                    yield return await making.Dequeue();
                }
            }
            while (making.Count > 0)
            {
                yield return await making.Dequeue();
            }
        }
        finally
        {
            foreach (var left in making)
            {
                // Few, and under way: waited for, so that nothing of a request goes on when it is over.
                await ((Task)left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (left.IsCompletedSuccessfully)
                {
                    (await left).Dispose();
                }
            }
        }
    }
}

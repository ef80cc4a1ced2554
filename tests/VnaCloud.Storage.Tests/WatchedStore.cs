using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests;

/// <summary>A real store whose reads are counted, and can be made to fail or to wait.</summary>
internal sealed class WatchedStore(IObjectStore inner) : IObjectStore
{
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Before each call; throws or waits in the store's place.</summary>
    public Func<CancellationToken, Task>? Trouble { get; set; }

    public async ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation)
    {
        await TroubleAsync(cancellation);
        return await inner.CreateAsync(key, cancellation);
    }

    public async ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        await TroubleAsync(cancellation);
        return await inner.ReadAsync(key, offset, destination, cancellation);
    }

    public async ValueTask<long?> LengthAsync(string key, CancellationToken cancellation)
    {
        await TroubleAsync(cancellation);
        return await inner.LengthAsync(key, cancellation);
    }

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

    public async ValueTask DeleteAsync(string key, CancellationToken cancellation)
    {
        await TroubleAsync(cancellation);
        await inner.DeleteAsync(key, cancellation);
    }

    private Task TroubleAsync(CancellationToken cancellation) => Trouble?.Invoke(cancellation) ?? Task.CompletedTask;
}

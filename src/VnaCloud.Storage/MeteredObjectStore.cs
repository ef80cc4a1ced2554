using System.Diagnostics;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>A store whose calls are measured while somebody listens; else they go straight through.</summary>
/// <param name="inner">The store.</param>
/// <param name="name">Which of the stores it is: "primary" or "second".</param>
internal sealed class MeteredObjectStore(IObjectStore inner, string name) : IObjectStore
{
    public async ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation)
    {
        var upload = await inner.CreateAsync(key, cancellation);
        return StorageMeter.IsOn ? new MeteredUpload(upload, name) : upload;
    }

    public ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation) => StorageMeter.IsOn
        ? MeasureAsync(name, "get", Stopwatch.GetTimestamp(), inner.ReadAsync(key, offset, destination, cancellation))
        : inner.ReadAsync(key, offset, destination, cancellation);

    public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) => StorageMeter.IsOn
        ? MeasureAsync(name, "head", Stopwatch.GetTimestamp(), inner.LengthAsync(key, cancellation))
        : inner.LengthAsync(key, cancellation);

    // How long a list takes is up to who reads it.
    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

    public async ValueTask DeleteAsync(string key, CancellationToken cancellation) =>
        await MeasureAsync(name, "delete", Stopwatch.GetTimestamp(), Nothing(inner.DeleteAsync(key, cancellation)));

    private static async ValueTask<bool> Nothing(ValueTask call)
    {
        await call;
        return true;
    }

    // The time is taken before the call is made: a store may work before it first waits.
    private static async ValueTask<T> MeasureAsync<T>(string store, string operation, long started, ValueTask<T> call)
    {
        try
        {
            var answer = await call;
            StorageMeter.Done(store, operation, started, null);
            return answer;
        }
        catch (Exception failure)
        {
            StorageMeter.Done(store, operation, started, failure);
            throw;
        }
    }

    /// <summary>What is measured is the end: until then the time is that of whoever sends the bytes.</summary>
    private sealed class MeteredUpload(ObjectUpload upload, string name) : ObjectUpload
    {
        public override long Length => upload.Length;

        public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => upload.AppendAsync(bytes, cancellation);

        public override ValueTask PatchAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => upload.PatchAsync(offset, bytes, cancellation);

        public override ValueTask TruncateAsync(long length, CancellationToken cancellation) => upload.TruncateAsync(length, cancellation);

        public override void Seal() => upload.Seal();

        public override async ValueTask CompleteAsync(CancellationToken cancellation) =>
            await MeasureAsync(name, "put", Stopwatch.GetTimestamp(), Nothing(upload.CompleteAsync(cancellation)));

        public override ValueTask DisposeAsync() => upload.DisposeAsync();
    }
}

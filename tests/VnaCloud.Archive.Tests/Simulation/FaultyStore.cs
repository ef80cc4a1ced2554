using System.Runtime.CompilerServices;

namespace VnaCloud.Archive.Tests.Simulation;

/// <summary>A store between which and its caller everything can go wrong.</summary>
internal sealed class FaultyStore(IObjectStore inner, Faults faults) : IObjectStore
{
    public async ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation)
    {
        await faults.BeforeAsync(Call.StoreAppend, $"create {key}", MayInterleave(key));
        return new FaultyUpload(await inner.CreateAsync(key, cancellation), key, faults);
    }

    public async ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        var fault = await faults.BeforeAsync(Call.StoreRead, $"read {key}", mayInterleave: true);
        if (fault == Fault.Missing)
        {
            throw new ObjectMissingException(key);
        }
        var read = await inner.ReadAsync(key, offset, destination, cancellation);
        if (fault == Fault.Torn)
        {
            // What came is no promise of what would have come.
            destination.Span[(read / 2)..].Fill(0xA5);
            throw new StoreUnavailableException($"Simulated: {key} torn");
        }
        return read;
    }

    public async ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) =>
        await faults.BeforeAsync(Call.StoreLength, $"length of {key}", mayInterleave: true) == Fault.Missing ? null : await inner.LengthAsync(key, cancellation);

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await faults.BeforeAsync(Call.StoreList, $"list {prefix}", mayInterleave: true);
        await foreach (var key in inner.ListAsync(prefix, cancellation))
        {
            await faults.BeforeAsync(Call.StoreList, $"list {prefix} at {key}", mayInterleave: true);
            yield return key;
        }
    }

    public async ValueTask DeleteAsync(string key, CancellationToken cancellation)
    {
        var fault = await faults.BeforeAsync(Call.StoreWrite, $"delete {key}", mayInterleave: true);
        faults.Log($"delete {key}");
        await inner.DeleteAsync(key, cancellation);
        faults.After(fault, Call.StoreWrite, $"delete {key}");
    }

    // One writer of the journal at a time holds a lock: what ran in between would wait for it, here for ever.
    private static bool MayInterleave(string key) => !key.Contains("/journal/", StringComparison.Ordinal);

    private sealed class FaultyUpload(ObjectUpload inner, string key, Faults faults) : ObjectUpload
    {
        public override long Length => inner.Length;

        public override async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            await faults.BeforeAsync(Call.StoreAppend, $"append to {key}", MayInterleave(key));
            await inner.AppendAsync(bytes, cancellation);
        }

        public override ValueTask PatchAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => inner.PatchAsync(offset, bytes, cancellation);

        public override ValueTask TruncateAsync(long length, CancellationToken cancellation) => inner.TruncateAsync(length, cancellation);

        public override void Seal() => inner.Seal();

        public override async ValueTask CompleteAsync(CancellationToken cancellation)
        {
            var fault = await faults.BeforeAsync(Call.StoreWrite, $"complete {key}", MayInterleave(key));
            await inner.CompleteAsync(cancellation);
            faults.After(fault, Call.StoreWrite, $"complete {key}");
        }

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

namespace VnaCloud.Archive;

/// <summary>A store that upkeep reads no faster than it may: whoever reads for a patient goes first.</summary>
internal sealed class PacedStore(IObjectStore inner, long bytesPerSecond, TimeProvider time) : IObjectStore
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private long _owed;

    /// <summary>The last read that failed for a reason that is not the object's.</summary>
    public IOException? Failure { get; set; }

    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation) => inner.CreateAsync(key, cancellation);

    public async ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        int read;
        try
        {
            read = await inner.ReadAsync(key, offset, destination, cancellation);
        }
        catch (IOException failure) when (failure is not (ObjectMissingException or TruncatedObjectException))
        {
            Failure = failure;
            throw;
        }
        if (bytesPerSecond > 0)
        {
            _owed += read;
            var pause = TimeSpan.FromSeconds((double)_owed / bytesPerSecond);
            if (pause >= Step)
            {
                _owed = 0;
                await Task.Delay(pause, time, cancellation);
            }
        }
        return read;
    }

    public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) => inner.LengthAsync(key, cancellation);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

    public ValueTask DeleteAsync(string key, CancellationToken cancellation) => inner.DeleteAsync(key, cancellation);
}

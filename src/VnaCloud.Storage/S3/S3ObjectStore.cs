using System.Runtime.CompilerServices;
using Amazon.S3.Model;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// Objects in a bucket. What the bucket can do is probed before the first write (<see cref="ProbeAsync"/>, again hourly by the host);
/// until it is known, and whenever it is not enough, writes are refused with <see cref="StoreUnavailableException"/>; reads go on.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    /// <summary>Unfinished multipart uploads older than this belong to nobody: an upload ends after 5 h.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    private const int PageSize = 1000;
    private readonly S3Bucket _bucket;
    private readonly UploadBuffers _buffers;
    private readonly TimeProvider _time;
    private volatile StoreCapabilities? _capabilities;

    /// <summary>Reaches nothing yet.</summary>
    /// <exception cref="ArgumentException">An option cannot work.</exception>
    public S3ObjectStore(S3StoreOptions options, TimeProvider time)
    {
        if (options.Problems().ToArray() is { Length: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }
        _time = time;
        _bucket = new S3Bucket(options, time);
        _buffers = new UploadBuffers(options.UploadBytes);
    }

    /// <summary>What the last probe found; null before the first that reached the store.</summary>
    public StoreCapabilities? Capabilities => _capabilities;

    /// <summary>Bytes of memory that uploads hold now.</summary>
    internal long BufferedBytes => _buffers.Rented;

    /// <summary>Tries out the bucket and remembers what it found.</summary>
    /// <exception cref="StoreUnavailableException">The store was not reached or refused; what was known before still holds.</exception>
    public async Task<StoreCapabilities> ProbeAsync(CancellationToken cancellation) =>
        _capabilities = await BucketProbe.RunAsync(_bucket.Options, _time, cancellation);

    /// <inheritdoc/>
    public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        cancellation.ThrowIfCancellationRequested();
        var capabilities = _capabilities ?? throw new StoreUnavailableException("The bucket has not been probed yet: the store was not reached since the start.");
        return capabilities.NotReady is { } reason
            ? throw new StoreUnavailableException(reason)
            : ValueTask.FromResult<ObjectUpload>(new S3Upload(_bucket, capabilities, _buffers, key));
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (destination.IsEmpty)
        {
            return await LengthAsync(key, cancellation) is null ? throw new ObjectMissingException(key) : 0;
        }
        return await new RangeRead(_bucket, key, offset).FillAsync(destination, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> LengthAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        var head = await GuardedAsync("Asking for an object's length", () => _bucket.HeadAsync(key, checksums: false, cancellation));
        return head?.ContentLength;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ObjectKey.ValidatePrefix(prefix);
        var last = "";
        string? continuation = null;
        do
        {
            var after = continuation;
            var page = await GuardedAsync("Listing objects", () => _bucket.ListAsync(prefix, after, PageSize, cancellation));
            foreach (var found in page.S3Objects ?? [])
            {
                var key = _bucket.Own(found.Key);
                if (string.CompareOrdinal(key, last) <= 0)
                {
                    // Comparing and counting on the order is what reindex and reconciliation do: a wrong one is worse than none.
                    throw new StoreUnavailableException("The store lists keys out of bytewise order, or twice: it cannot be used (S3 directory buckets do so).");
                }
                last = key;
                if (!key.StartsWith(BucketProbe.Prefix, StringComparison.Ordinal))
                {
                    yield return key;
                }
            }
            continuation = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (continuation is not null);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Validate(key);
        await GuardedAsync("Deleting an object", async () =>
        {
            try
            {
                await _bucket.DeleteAsync(key, cancellation);
            }
            catch (Amazon.S3.AmazonS3Exception failure) when (S3Faults.Of(failure) == S3Fault.Missing)
            {
                // Some stores tell; S3 does not.
            }
            return true;
        });
    }

    /// <summary>Aborts multipart uploads that a crash ended more than <see cref="AbandonedAfter"/> ago; gives their number.</summary>
    public async Task<int> AbortAbandonedAsync(CancellationToken cancellation)
    {
        var before = _time.GetUtcNow() - AbandonedAfter;
        var aborted = 0;
        string? keyMarker = null, uploadMarker = null;
        ListMultipartUploadsResponse page;
        do
        {
            var (key, upload) = (keyMarker, uploadMarker);
            page = await GuardedAsync("Listing unfinished uploads", () => _bucket.ListPartsUploadsAsync("", key, upload, cancellation));
            foreach (var abandoned in (page.MultipartUploads ?? []).Where(found => found.Initiated?.ToUniversalTime() < before.UtcDateTime))
            {
                await GuardedAsync("Aborting an unfinished upload", async () =>
                {
                    await _bucket.AbortPartsAsync(_bucket.Own(abandoned.Key), abandoned.UploadId, cancellation);
                    return true;
                });
                aborted++;
            }
            (keyMarker, uploadMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated == true);
        return aborted;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _bucket.Dispose();

    private async Task<T> GuardedAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (S3Faults.IsFault(failure))
        {
            throw S3Faults.Unavailable(what, _bucket.Name, failure);
        }
    }
}

using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>Where objects are: a folder or a bucket, with what stands before and beside it (<c>Vna:Storage</c>).</summary>
public sealed record ObjectStorageOptions
{
    /// <summary>Folder of the objects; used when <see cref="S3"/> is null.</summary>
    public string? Folder { get; init; }

    /// <summary>The bucket; null for a folder.</summary>
    public S3StoreOptions? S3 { get; init; }

    /// <summary>A read cache before the store; null (default for folders) for none.</summary>
    public ReadCacheOptions? Cache { get; init; }

    /// <summary>The second store that everything is copied to: a folder or a bucket of its own. Null for none; its own cache and mirror are not looked at.</summary>
    public ObjectStorageOptions? Second { get; init; }

    /// <summary>How the mirror turns to the second store.</summary>
    public MirrorOptions Mirror { get; init; } = new();
}

/// <summary>The stores of a configuration, put together: cache before mirror before folder or bucket. The one place that knows all of them.</summary>
public sealed class ObjectStorage : IDisposable
{
    private readonly Stack<IDisposable> _opened = new();
    private readonly List<S3ObjectStore> _buckets = [];

    private ObjectStorage(ObjectStorageOptions options, TimeProvider time)
    {
        Primary = OpenOne(options, time);
        Store = new MeteredObjectStore(Primary, "primary");
        if (options.Second is { } second)
        {
            Second = OpenOne(second, time);
            Store = Mirror = new MirroredObjectStore(Store, new MeteredObjectStore(Second, "second"), options.Mirror, time);
        }
        if (options.Cache is { } cache)
        {
            Store = Cache = Kept(new CachedObjectStore(Store, cache, time));
        }
        _opened.Push(StorageMeter.Observe(Cache, Mirror));
    }

    /// <summary>What the archive reads and writes.</summary>
    public IObjectStore Store { get; }

    /// <summary>The first store alone, past cache and mirror: what scrub reads.</summary>
    public IObjectStore Primary { get; }

    /// <summary>The second store alone.</summary>
    public IObjectStore? Second { get; }

    /// <summary>For the copy and repair queues; null without a second store.</summary>
    public MirroredObjectStore? Mirror { get; }

    /// <summary>For its metrics; null without.</summary>
    public CachedObjectStore? Cache { get; }

    /// <summary>Buckets, the primary's first; for <see cref="S3ObjectStore.AbortAbandonedAsync"/> and reports.</summary>
    public IReadOnlyList<S3ObjectStore> Buckets => _buckets;

    /// <summary>Opens what the options say. Buckets are not reached before <see cref="ProbeAsync"/>.</summary>
    /// <exception cref="ArgumentException">An option cannot work; the message names all that cannot.</exception>
    public static ObjectStorage Open(ObjectStorageOptions options, TimeProvider time) => new(options, time);

    /// <summary>Probes every bucket; the host calls it at the start and hourly, and after a minute again while it gives a reason.</summary>
    /// <returns>Why nothing may be written; null when all is well. A second store that fails is no reason: copies wait in their queue.</returns>
    public async Task<string?> ProbeAsync(CancellationToken cancellation)
    {
        string? reason = null;
        foreach (var bucket in _buckets)
        {
            var found = await TryProbeAsync(bucket, cancellation);
            reason ??= ReferenceEquals(bucket, Primary) ? found : null;
        }
        return reason;
    }

    /// <summary>Closes everything, the cache first.</summary>
    public void Dispose()
    {
        while (_opened.TryPop(out var store))
        {
            store.Dispose();
        }
    }

    private static async Task<string?> TryProbeAsync(S3ObjectStore bucket, CancellationToken cancellation)
    {
        try
        {
            return (await bucket.ProbeAsync(cancellation)).NotReady;
        }
        catch (StoreUnavailableException unavailable)
        {
            return unavailable.Message;
        }
    }

    private IObjectStore OpenOne(ObjectStorageOptions options, TimeProvider time)
    {
        if (options.S3 is { } s3)
        {
            var bucket = Kept(new S3ObjectStore(s3, time));
            _buckets.Add(bucket);
            return bucket;
        }
        return Kept(new FolderObjectStore(options.Folder ?? throw new ArgumentException("Vna:Storage names neither a folder nor a bucket."), time));
    }

    private T Kept<T>(T store) where T : IDisposable
    {
        _opened.Push(store);
        return store;
    }
}

namespace VnaCloud.Storage;

/// <summary>From settings to stores.</summary>
public static class StorageSetup
{
    /// <summary>What <see cref="ObjectStorage.Open"/> takes.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="damaged">Told the key of an object that only the mirror still has whole.</param>
    public static ObjectStorageOptions ToObjectStorage(StorageOptions options, Action<string> damaged)
    {
        ArgumentNullException.ThrowIfNull(options);
        return One(options.Provider == StorageProvider.S3, Path.Combine(Path.GetFullPath(options.Path), "objects"), options.S3) with
        {
            Cache = options.Cache.Enabled ?? options.Provider == StorageProvider.S3 ? Cache(options.Cache) : null,
            Second = options.Mirror.Provider == MirrorProvider.None ? null
                : One(options.Mirror.Provider == MirrorProvider.S3, options.Mirror.Path is { } path ? Path.GetFullPath(path) : null, options.Mirror.S3),
            Mirror = new MirrorOptions { ReadPatience = TimeSpan.FromSeconds(options.Mirror.ReadPatienceSeconds), Damaged = damaged },
        };
    }

    /// <summary>A sentence for everything that cannot be.</summary>
    public static IEnumerable<string> Check(StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Problems(options);
    }

    private static IEnumerable<string> Problems(StorageOptions options)
    {
        if (options.Provider != StorageProvider.S3 && IsNamed(options.S3))
        {
            // Taken for a folder, this archive would begin anew beside its bucket.
            yield return $"Vna:Storage:S3 names a bucket, but Vna:Storage:Provider is {options.Provider}: set Vna:Storage:Provider=S3, or take the settings of the bucket out.";
        }
        if (options.Provider == StorageProvider.S3)
        {
            foreach (var problem in Check("Vna:Storage:S3", options.S3))
            {
                yield return problem;
            }
        }
        if (options.Mirror is { Provider: MirrorProvider.FileSystem, Path: null or "" })
        {
            yield return "Vna:Storage:Mirror:Path must name the second folder.";
        }
        if (options.Mirror.Provider == MirrorProvider.S3)
        {
            foreach (var problem in Check("Vna:Storage:Mirror:S3", options.Mirror.S3))
            {
                yield return problem;
            }
        }
    }

    private static bool IsNamed(S3Options s3) => s3 is { Bucket.Length: > 0 } or { Endpoint.Length: > 0 } or { AccessKey.Length: > 0 };

    private static IEnumerable<string> Check(string section, S3Options s3)
    {
        if (s3.AccessKey is null != s3.SecretKey is null)
        {
            yield return $"{section}:AccessKey and {section}:SecretKey are given together, or not at all.";
        }
        foreach (var problem in ToStore(s3).Problems())
        {
            yield return problem.Replace("Vna:Storage:S3", section, StringComparison.Ordinal);
        }
    }

    private static ObjectStorageOptions One(bool isBucket, string? folder, S3Options s3) =>
        isBucket ? new ObjectStorageOptions { S3 = ToStore(s3) } : new ObjectStorageOptions { Folder = folder };

    private static S3StoreOptions ToStore(S3Options s3) => new()
    {
        Endpoint = s3.Endpoint,
        Bucket = s3.Bucket,
        Region = s3.Region,
        PathStyle = s3.PathStyle,
        KeyPrefix = s3.KeyPrefix,
        Credentials = s3 is { AccessKey: { } key, SecretKey: { } secret } ? () => new S3Credentials(key, secret) : null,
        ConditionalCreate = s3.ConditionalCreate,
        Encryption = new S3Encryption(s3.Encryption, s3.EncryptionKey),
        SpoolFolder = s3.SpoolPath ?? Path.GetTempPath(),
    };

    private static ReadCacheOptions Cache(CacheOptions options) =>
        new() { Folder = options.Path ?? Path.GetTempPath(), MaxBytes = options.MaxBytes };
}

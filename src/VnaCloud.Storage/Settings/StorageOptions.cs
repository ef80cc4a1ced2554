using System.ComponentModel.DataAnnotations;

namespace VnaCloud.Storage;

/// <summary>Where objects are kept: the settings <c>Vna:Storage</c>, the same for the server and the command line.</summary>
public sealed class StorageOptions
{
    /// <summary>Default FileSystem.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.FileSystem;

    /// <summary>The data folder. Default ./data. With a bucket it holds only what the index keeps there, nothing with PostgreSQL.</summary>
    [Required]
    public string Path { get; init; } = "./data";

    /// <summary>The bucket of <see cref="StorageProvider.S3"/>.</summary>
    public S3Options S3 { get; init; } = new();

    /// <summary>The read cache.</summary>
    public CacheOptions Cache { get; init; } = new();

    /// <summary>The second store.</summary>
    public MirrorStorageOptions Mirror { get; init; } = new();
}

/// <summary>A bucket.</summary>
public sealed class S3Options
{
    /// <summary>For example <c>https://s3.example</c>. Default: AWS, by the region.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Name of the bucket, which exists already.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>Default: AWS's usual chain (environment, credentials file, web identity, instance).</summary>
    public string? AccessKey { get; init; }

    /// <summary>Belongs to <see cref="AccessKey"/>.</summary>
    public string? SecretKey { get; init; }

    /// <summary>Default us-east-1.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Whether the bucket's name stands in the path. Default true.</summary>
    public bool PathStyle { get; init; } = true;

    /// <summary>Stands before every key, in a bucket that is shared. Default empty.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>Whether the store must prove that it never replaces an object. Default Probe.</summary>
    public ConditionalCreate ConditionalCreate { get; init; } = ConditionalCreate.Probe;

    /// <summary>What the store is asked to encrypt with. Default None: what the bucket says.</summary>
    public S3EncryptionKind Encryption { get; init; } = S3EncryptionKind.None;

    /// <summary>KeyService: the key's id. CustomerKey: 32 bytes in base 64.</summary>
    public string? EncryptionKey { get; init; }

    /// <summary>Folder of what does not fit in memory while it is uploaded. Default: the system's folder for temporary files.</summary>
    public string? SpoolPath { get; init; }
}

/// <summary>The read cache on local disk.</summary>
public sealed class CacheOptions
{
    /// <summary>Default: true before a bucket, false before a folder.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Default: the system's folder for temporary files.</summary>
    public string? Path { get; init; }

    /// <summary>Default: 10 GiB or a tenth of what is free, whichever is less.</summary>
    [Range(16L * 1024 * 1024, long.MaxValue)]
    public long? MaxBytes { get; init; }
}

/// <summary>A second store that everything is copied to.</summary>
public sealed class MirrorStorageOptions
{
    /// <summary>Default None.</summary>
    public MirrorProvider Provider { get; init; } = MirrorProvider.None;

    /// <summary>The second folder, on another disk.</summary>
    public string? Path { get; init; }

    /// <summary>The second bucket, at another place.</summary>
    public S3Options S3 { get; init; } = new();

    /// <summary>Seconds that the first store may take for a read before the second is asked. Default 2.</summary>
    [Range(1, 300)]
    public int ReadPatienceSeconds { get; init; } = 2;
}

/// <summary>Kinds of stores.</summary>
public enum StorageProvider
{
    /// <summary>A folder.</summary>
    FileSystem,

    /// <summary>A bucket.</summary>
    S3,
}

/// <summary>Kinds of second stores.</summary>
public enum MirrorProvider
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>A folder.</summary>
    FileSystem,

    /// <summary>A bucket.</summary>
    S3,
}

namespace VnaCloud.Storage;

/// <summary>A bucket and how to speak to it (<c>Vna:Storage:S3</c>).</summary>
public sealed record S3StoreOptions
{
    /// <summary>Address of the store, for example <c>https://s3.eu-central-1.amazonaws.com</c> or <c>http://127.0.0.1:8080</c>. Null: AWS, by <see cref="Region"/>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Name of the bucket; it exists already.</summary>
    public required string Bucket { get; init; }

    /// <summary>Region that requests are signed for. Default <c>us-east-1</c>, which most stores that are not AWS expect.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>True (default) puts the bucket into the path; false into the host name, as AWS wants it for new buckets.</summary>
    public bool PathStyle { get; init; } = true;

    /// <summary>
    /// Asked before every request, so that rotated keys count at once. Null, or an answer of null: AWS's usual chain (environment, shared
    /// credentials file, web identity, container, instance).
    /// </summary>
    public Func<S3Credentials?>? Credentials { get; init; }

    /// <summary>Put before every key, for a bucket that is shared, for example <c>archive/</c>. Default empty.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>What the store is asked to encrypt objects with. Default: what the bucket's own setting says.</summary>
    public S3Encryption Encryption { get; init; } = S3Encryption.None;

    /// <summary>Whether keys must be proved to be write-once by the store. Default <see cref="ConditionalCreate.Probe"/>.</summary>
    public ConditionalCreate ConditionalCreate { get; init; } = ConditionalCreate.Probe;

    /// <summary>Bytes of a part of a multipart upload, whole mebibytes from 5 MiB (S3's least). Default 8 MiB: objects of up to 78 GiB (10,000 parts).</summary>
    public int PartSize { get; init; } = 8 * 1024 * 1024;

    /// <summary>Objects shorter than this go in one request. Default 16 MiB.</summary>
    public int MultipartFrom { get; init; } = 16 * 1024 * 1024;

    /// <summary>Parts of one upload on their way at once, 1 to 16. Default 3.</summary>
    public int PartsAtOnce { get; init; } = 3;

    /// <summary>Bytes in memory for all uploads of this store together; past it, uploads wait in the spool's files. Default 96 MiB.</summary>
    public long UploadBytes { get; init; } = 96L * 1024 * 1024;

    /// <summary>Folder of the unnamed temporary files. Default: the system's folder for temporary files.</summary>
    public string SpoolFolder { get; init; } = Path.GetTempPath();

    /// <summary>Tries of one request, the first included, 1 to 20. Default 8. The retry budget ends them earlier when most requests fail.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>Longest wait for the beginning of an answer, and for more of its body. Default 15 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The least rate that an upload may have before it counts as stuck. Default 64 KiB/s.</summary>
    public int LeastBytesPerSecond { get; init; } = 64 * 1024;

    /// <summary>Connections to the store at once. Default 256.</summary>
    public int Connections { get; init; } = 256;

    /// <summary>Every value that cannot work, said at once.</summary>
    public IEnumerable<string> Problems()
    {
        if (Bucket.Length < 3)
        {
            yield return "Vna:Storage:S3:Bucket must name a bucket (three characters or more).";
        }
        if (Endpoint is not null && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            yield return "Vna:Storage:S3:Endpoint must be an http or https URL.";
        }
        if (PartSize < 5 * 1024 * 1024 || PartSize % UploadBuffers.Size != 0)
        {
            yield return "Vna:Storage:S3:PartSize must be whole mebibytes, from 5 MiB.";
        }
        if (MultipartFrom < PartSize)
        {
            yield return "Vna:Storage:S3:MultipartFrom must not be below PartSize.";
        }
        if (PartsAtOnce is < 1 or > 16 || Attempts is < 1 or > 20 || Connections < 1 || LeastBytesPerSecond < 1 || UploadBytes < 0)
        {
            yield return "Vna:Storage:S3: PartsAtOnce is 1 to 16, Attempts 1 to 20, Connections and LeastBytesPerSecond from 1.";
        }
    }
}

/// <summary>Keys of an account. <paramref name="SessionToken"/> only with temporary ones.</summary>
public sealed record S3Credentials(string AccessKey, string SecretKey, string? SessionToken = null);

/// <summary>Whether the store itself refuses to replace an object (<c>If-None-Match: *</c>).</summary>
public enum ConditionalCreate
{
    /// <summary>Used where the probe proved it. A store that says it has none is Ready with a warning; one that takes the header and replaces the object all the same is not Ready.</summary>
    Probe,

    /// <summary>Not Ready without it.</summary>
    Required,

    /// <summary>Never asked for: a HEAD before each write, and names that nobody else makes (ULIDs), stand in for it.</summary>
    Off,
}

/// <summary>Encryption at rest by the store.</summary>
public enum S3EncryptionKind
{
    /// <summary>Nothing is asked for; the bucket's default holds.</summary>
    None,

    /// <summary>SSE-S3: AES-256 under the store's own key.</summary>
    StoreKey,

    /// <summary>SSE-KMS: a key of the key service.</summary>
    KeyService,

    /// <summary>SSE-C: a key that this archive brings with each request. Without it nothing can be read.</summary>
    CustomerKey,
}

/// <summary>How objects are encrypted at rest: the key's id for SSE-KMS (null: the account's default), or 32 bytes in base 64 for SSE-C.</summary>
public sealed record S3Encryption(S3EncryptionKind Kind, string? Key = null)
{
    /// <summary>As the bucket says.</summary>
    public static S3Encryption None { get; } = new(S3EncryptionKind.None);
}

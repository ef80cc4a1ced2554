using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Polly;
using Polly.Retry;

namespace VnaCloud.Storage;

/// <summary>The calls to one bucket, each with its time limit and its retries. Failures are the SDK's own; <see cref="S3Faults"/> sorts them.</summary>
internal sealed class S3Bucket : IDisposable
{
    private readonly AmazonS3Client _client;
    private readonly RetryBudget _budget = new();
    // The SDK puts streams of its own around a body.
    private readonly ConditionalWeakTable<AmazonWebServiceRequest, VouchedBody> _bodies = [];
    // DisableDefaultChecksumValidation: else the SDK would compute the MD5 of each body again, which Content-MD5 and the ETag are compared with already.
    private readonly ResiliencePipeline _pipeline;
    private readonly TimeProvider _time;

    /// <param name="options">The bucket.</param>
    /// <param name="time">For delays and limits.</param>
    /// <param name="retriesDamage">False for who damages on purpose.</param>
    public S3Bucket(S3StoreOptions options, TimeProvider time, bool retriesDamage = true)
    {
        (Options, _time) = (options, time);
        Encryption = new S3EncryptionHeaders(options.Encryption);
        _client = S3ClientSetup.Create(options);
        _client.BeforeRequestEvent += (_, args) =>
        {
            if (args is WebServiceRequestEventArgs made && _bodies.TryGetValue(made.Request, out var body))
            {
                body.Made();
            }
        };
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (options.Attempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromSeconds(2),
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } failure && IsRetried(failure, retriesDamage) && _budget.TrySpend()),
            });
        }
        _pipeline = builder.Build();
    }

    public S3StoreOptions Options { get; }

    public S3EncryptionHeaders Encryption { get; }

    public string Name => Options.Bucket;

    /// <summary>Puts a whole object.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="body">Its bytes; opened anew for each try.</param>
    /// <param name="digest">Of its bytes.</param>
    /// <param name="rung">How damage on the way is to be found by the store.</param>
    /// <param name="conditional">Only where no object has the key.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task<PutObjectResponse> PutAsync(string key, Func<Stream> body, PayloadDigest digest, IntegrityRung rung, bool conditional, CancellationToken cancellation) =>
        SendAsync(BodyPatience(digest.Length), token =>
        {
            var request = new PutObjectRequest
            {
                BucketName = Name,
                Key = Full(key),
                UseChunkEncoding = false,
                DisableDefaultChecksumValidation = true,
                ContentType = "application/octet-stream",
                IfNoneMatch = conditional ? "*" : null,
                MD5Digest = rung == IntegrityRung.Checksum ? null : Convert.ToBase64String(digest.Md5),
                ChecksumSHA256 = rung == IntegrityRung.Checksum ? Convert.ToBase64String(digest.Checksum) : null,
            };
            request.InputStream = BodyOf(request, body(), rung);
            Encryption.Apply(request);
            return _client.PutObjectAsync(request, token);
        }, cancellation);

    public async Task<string> StartPartsAsync(string key, IntegrityRung rung, CancellationToken cancellation)
    {
        var answer = await SendAsync(Options.Patience, token =>
        {
            var request = new InitiateMultipartUploadRequest
            {
                BucketName = Name,
                Key = Full(key),
                ContentType = "application/octet-stream",
                ChecksumAlgorithm = rung == IntegrityRung.Checksum ? ChecksumAlgorithm.SHA256 : null,
            };
            Encryption.Apply(request);
            return _client.InitiateMultipartUploadAsync(request, token);
        }, cancellation);
        return answer.UploadId;
    }

    public Task<UploadPartResponse> PutPartAsync(string key, string upload, int number, Func<Stream> body, PayloadDigest digest, IntegrityRung rung, CancellationToken cancellation) =>
        SendAsync(BodyPatience(digest.Length), token =>
        {
            var request = new UploadPartRequest
            {
                BucketName = Name,
                Key = Full(key),
                UploadId = upload,
                PartNumber = number,
                PartSize = digest.Length,
                UseChunkEncoding = false,
                DisableDefaultChecksumValidation = true,
                MD5Digest = rung == IntegrityRung.Checksum ? null : Convert.ToBase64String(digest.Md5),
                ChecksumSHA256 = rung == IntegrityRung.Checksum ? Convert.ToBase64String(digest.Checksum) : null,
            };
            request.InputStream = BodyOf(request, body(), rung);
            Encryption.Apply(request);
            return _client.UploadPartAsync(request, token);
        }, cancellation);

    /// <summary>Makes the parts one object. The store may take long over many parts.</summary>
    public Task<CompleteMultipartUploadResponse> CompletePartsAsync(string key, string upload, IReadOnlyList<SentPart> parts, IntegrityRung rung, bool conditional, CancellationToken cancellation) =>
        SendAsync(Options.Patience * 4, token => _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = Name,
            Key = Full(key),
            UploadId = upload,
            IfNoneMatch = conditional ? "*" : null,
            PartETags = [.. parts.Select(part => new PartETag(part.Number, part.ETag)
            {
                ChecksumSHA256 = rung == IntegrityRung.Checksum ? Convert.ToBase64String(part.Digest.Sha256) : null,
            })],
        }, token), cancellation);

    public Task AbortPartsAsync(string key, string upload, CancellationToken cancellation) =>
        SendAsync(Options.Patience, token => _client.AbortMultipartUploadAsync(Name, Full(key), upload, token), cancellation);

    public Task<ListMultipartUploadsResponse> ListPartsUploadsAsync(string prefix, string? keyMarker, string? uploadMarker, CancellationToken cancellation) =>
        SendAsync(Options.Patience, token => _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest
        {
            BucketName = Name,
            Prefix = Full(prefix),
            KeyMarker = keyMarker,
            UploadIdMarker = uploadMarker,
        }, token), cancellation);

    /// <summary>What the store knows of an object; null when there is none.</summary>
    public async Task<GetObjectMetadataResponse?> HeadAsync(string key, bool checksums, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync(Options.Patience, token =>
            {
                var request = new GetObjectMetadataRequest { BucketName = Name, Key = Full(key), ChecksumMode = checksums ? ChecksumMode.ENABLED : null };
                Encryption.Apply(request);
                return _client.GetObjectMetadataAsync(request, token);
            }, cancellation);
        }
        catch (AmazonS3Exception failure) when (S3Faults.Of(failure) == S3Fault.Missing)
        {
            return null;
        }
    }

    /// <summary>The beginning of an answer; its body is still to be read.</summary>
    public Task<GetObjectResponse> GetAsync(string key, string range, CancellationToken cancellation) =>
        SendAsync(Options.Patience, token =>
        {
            var request = new GetObjectRequest { BucketName = Name, Key = Full(key), ByteRange = new ByteRange(range) };
            Encryption.Apply(request);
            return _client.GetObjectAsync(request, token);
        }, cancellation);

    public Task<ListObjectsV2Response> ListAsync(string prefix, string? continuation, int pageSize, CancellationToken cancellation) =>
        SendAsync(Options.Patience, token => _client.ListObjectsV2Async(new ListObjectsV2Request
        {
            BucketName = Name,
            Prefix = Full(prefix),
            ContinuationToken = continuation,
            MaxKeys = pageSize,
        }, token), cancellation);

    public Task DeleteAsync(string key, CancellationToken cancellation) =>
        SendAsync(Options.Patience, token => _client.DeleteObjectAsync(Name, Full(key), token), cancellation);

    /// <summary>A key of the bucket as a key of this store.</summary>
    public string Own(string full) => full[Options.KeyPrefix.Length..];

    public void Dispose() => _client.Dispose();

    private string Full(string key) => Options.KeyPrefix + key;

    // Where the store enforces no digest, the signature has to cover the body itself.
    private Stream BodyOf(AmazonWebServiceRequest request, Stream body, IntegrityRung rung)
    {
        if (rung is not (IntegrityRung.ContentMd5 or IntegrityRung.Checksum))
        {
            return body;
        }
        var vouched = new VouchedBody(body);
        _bodies.Add(request, vouched);
        return vouched;
    }

    private TimeSpan BodyPatience(long length) => Options.Patience + TimeSpan.FromSeconds((double)length / Options.LeastBytesPerSecond);

    private static bool IsRetried(Exception failure, bool damage) =>
        S3Faults.IsFault(failure) && (S3Faults.Of(failure) == S3Fault.Transient || (damage && S3Faults.Of(failure) == S3Fault.Damaged));

    private async Task<T> SendAsync<T>(TimeSpan patience, Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        _budget.Earn();
        return await _pipeline.ExecuteAsync(async (state, token) => await state.Self.TryAsync(state.Patience, state.Call, token),
            (Self: this, Patience: patience, Call: call), cancellation);
    }

    private async ValueTask<T> TryAsync<T>(TimeSpan patience, Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"No answer within {patience.TotalSeconds:F0} s.", late);
        }
    }
}

using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// Sends parts of one multipart upload, a few at once; who offers more waits. Parts are all of one length but the last, and their number
/// says where they belong, so that they may be sent in any order and one may be taken back.
/// </summary>
internal sealed class PartSender(S3Bucket bucket, string key, UploadSpool spool, IntegrityRung rung) : IAsyncDisposable
{
    /// <summary>S3's own limit.</summary>
    public const int MaxParts = 10_000;

    private readonly SemaphoreSlim _slots = new(bucket.Options.PartsAtOnce);
    private readonly CancellationTokenSource _over = new();
    private readonly Dictionary<int, Task<SentPart>> _parts = [];
    private bool _completed;

    /// <summary>The store's name of this upload; null before the first part.</summary>
    public string? UploadId { get; private set; }

    /// <summary>True when a part has been sent.</summary>
    public bool Any => _parts.Count > 0;

    public bool Has(int index) => _parts.ContainsKey(index);

    /// <summary>Sends one part as soon as there is room; returns before it has arrived.</summary>
    public async ValueTask SendAsync(int index, int length, CancellationToken cancellation)
    {
        if (index >= MaxParts)
        {
            throw new IOException($"An object has at most {MaxParts} parts of {bucket.Options.PartSize} bytes: Vna:Storage:S3:PartSize must be greater for this one.");
        }
        await _slots.WaitAsync(cancellation);
        try
        {
            if (_parts.Values.FirstOrDefault(part => part.IsFaulted) is { } failed)
            {
                await failed;
            }
            UploadId ??= await bucket.StartPartsAsync(key, rung, cancellation);
        }
        catch (Exception failure)
        {
            _slots.Release();
            if (S3Faults.IsFault(failure) && failure is not StoreUnavailableException)
            {
                throw S3Faults.Unavailable("Uploading a part", bucket.Name, failure);
            }
            throw;
        }
        _parts.Add(index, Task.Run(() => PutAsync(index, length), CancellationToken.None));
    }

    /// <summary>
    /// Takes all parts back. The upload begins anew: AWS passes over parts that its completion does not name, Ceph refuses it (InvalidPart).
    /// </summary>
    public async ValueTask ForgetAsync()
    {
        await ((Task)Task.WhenAll(_parts.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _parts.Clear();
        if (UploadId is { } upload)
        {
            UploadId = null;
            await AbortAsync(upload);
        }
    }

    /// <summary>Waits for all parts.</summary>
    public async Task<IReadOnlyList<SentPart>> FinishAsync()
    {
        var parts = await Task.WhenAll(_parts.Values);
        return [.. parts.OrderBy(part => part.Number)];
    }

    /// <summary>The parts have become an object: there is nothing left to take back.</summary>
    public void Completed() => _completed = true;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await ((Task)Task.WhenAll(_parts.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (UploadId is not null && !_completed)
        {
            await AbortAsync(UploadId);
        }
        _over.Dispose();
        _slots.Dispose();
    }

    private async Task<SentPart> PutAsync(int index, int length)
    {
        var start = (long)index * bucket.Options.PartSize;
        try
        {
            PayloadDigest digest;
            await using (var body = new SpoolStream(spool, start, length))
            {
                digest = await PayloadDigest.OfAsync(body, rung, _over.Token);
            }
            var answer = await bucket.PutPartAsync(key, UploadId!, index + 1, () => new SpoolStream(spool, start, length), digest, rung, _over.Token);
            spool.Release(start, start + length);
            return new SentPart(index + 1, start, digest, answer.ETag);
        }
        catch (Exception failure) when (S3Faults.IsFault(failure))
        {
            throw S3Faults.Unavailable("Uploading a part", bucket.Name, failure);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task AbortAsync(string upload)
    {
        try
        {
            await bucket.AbortPartsAsync(key, upload, CancellationToken.None);
        }
        catch (Exception failure) when (S3Faults.IsFault(failure))
        {
            // Nobody waits for this: what is left behind is found by age (AbortAbandonedAsync) or by the bucket's lifecycle rule.
        }
    }
}

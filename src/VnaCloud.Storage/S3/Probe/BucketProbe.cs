using System.Security.Cryptography;
using Amazon.S3.Model;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// Tries out what the archive counts on, with small objects under a name of their own: documentation and version numbers of stores that
/// speak S3 say little of what they enforce. Headers taken and ignored are the rule rather than the exception.
/// </summary>
internal sealed class BucketProbe
{
    /// <summary>Keys of probe objects begin so; listings leave them out.</summary>
    public const string Prefix = "probe/";

    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    private readonly S3Bucket _bucket;
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly byte[] _bytes = RandomNumberGenerator.GetBytes(10_000);
    private readonly List<ProbeFinding> _findings = [];
    private readonly List<string> _written = [];
    private PayloadDigest _digest = new(0, [], []);
    private TimeSpan _skew;
    private bool _encrypted;

    private BucketProbe(S3Bucket bucket, TimeProvider time) => (_bucket, _time, _folder) = (bucket, time, $"{Prefix}{Ulid.New(time)}/");

    /// <summary>What a probe of conditional writes can find.</summary>
    private enum Condition
    {
        Enforced,
        Unknown,
        Ignored,
    }

    /// <exception cref="StoreUnavailableException">Not reached, or refused.</exception>
    public static async Task<StoreCapabilities> RunAsync(S3StoreOptions options, TimeProvider time, CancellationToken cancellation)
    {
        // Few retries: some tries are meant to be refused.
        using var bucket = new S3Bucket(options with { Attempts = Math.Min(options.Attempts, 3) }, time, retriesDamage: false);
        var probe = new BucketProbe(bucket, time);
        try
        {
            return await probe.RunAsync(cancellation);
        }
        catch (Exception failure) when (S3Faults.IsFault(failure))
        {
            throw S3Faults.Unavailable("Probing the bucket", options.Bucket, failure);
        }
    }

    private async Task<StoreCapabilities> RunAsync(CancellationToken cancellation)
    {
        _digest = await PayloadDigest.OfAsync(new MemoryStream(_bytes), IntegrityRung.ReadBack, cancellation);
        var put = await ConditionalPutAsync(cancellation);
        var (parts, rungOfParts) = await PartsAsync(cancellation);
        var rung = await RungAsync(cancellation);
        var ranges = await RangesAsync(cancellation);
        var listed = await ListAsync(cancellation);
        var canDelete = await CleanUpAsync(cancellation);
        Note("clock", _skew.Duration() <= MaxSkew, $"the store's is {_skew.TotalSeconds:F0} s from ours");
        rung = (IntegrityRung)Math.Min((int)rung, (int)rungOfParts);
        var wanted = _bucket.Options.ConditionalCreate;
        return new StoreCapabilities
        {
            ProbedAt = _time.GetUtcNow(),
            Rung = rung,
            ConditionalPut = put == Condition.Enforced && wanted != ConditionalCreate.Off,
            ConditionalComplete = parts == Condition.Enforced && wanted != ConditionalCreate.Off,
            ClockSkew = _skew,
            CanDelete = canDelete,
            Findings = _findings,
            NotReady = NotReady(put, rung, ranges, listed, wanted),
            Warning = put == Condition.Enforced ? null
                : "This store has no conditional create: a HEAD before each write and names that nobody else makes stand in for it; two servers must not be given the same tenant key.",
        };
    }

    private string? NotReady(Condition put, IntegrityRung rung, bool ranges, bool listed, ConditionalCreate wanted) =>
        put == Condition.Ignored && wanted != ConditionalCreate.Off
            ? $"The bucket {_bucket.Name} takes a conditional PUT (If-None-Match: *) of a key that exists and does not refuse it with 412: acknowledged objects could be replaced unseen. Use a store that enforces it, or accept that by Vna:Storage:S3:ConditionalCreate=Off."
            : put == Condition.Unknown && wanted == ConditionalCreate.Required
                ? $"The bucket {_bucket.Name} has no conditional PUT, and Vna:Storage:S3:ConditionalCreate is Required."
                : !_encrypted ? $"The bucket {_bucket.Name} does not encrypt as Vna:Storage:S3:Encryption asks ({_bucket.Options.Encryption.Kind}): it takes the header and ignores it."
                : rung == IntegrityRung.None ? $"The bucket {_bucket.Name} does not give back what was written to it; no way of proving what it stores works."
                    : !ranges ? $"The bucket {_bucket.Name} does not answer ranges exactly: frames could not be read."
                        : !listed ? $"The bucket {_bucket.Name} does not list what was just written, or not in bytewise order."
                            : _skew.Duration() > MaxSkew ? $"The clock of the store and of this machine differ by {_skew.TotalSeconds:F0} s, more than {MaxSkew.TotalMinutes:F0} min: set this machine's."
                                : null;

    private async Task<Condition> ConditionalPutAsync(CancellationToken cancellation)
    {
        var key = Key("conditional");
        if (_bucket.Options.ConditionalCreate == ConditionalCreate.Off)
        {
            await _bucket.PutAsync(key, Body, _digest, IntegrityRung.ContentMd5, conditional: false, cancellation);
            Note("conditional PUT", false, "not tried: switched off");
            return Condition.Unknown;
        }
        try
        {
            await _bucket.PutAsync(key, Body, _digest, IntegrityRung.ContentMd5, conditional: true, cancellation);
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) is S3Fault.NotImplemented or S3Fault.Permanent)
        {
            await _bucket.PutAsync(key, Body, _digest, IntegrityRung.ContentMd5, conditional: false, cancellation);
            Note("conditional PUT", false, $"the store has none ({(int)refusal.StatusCode} {refusal.ErrorCode})");
            return Condition.Unknown;
        }
        return await SecondAsync("conditional PUT", () => _bucket.PutAsync(key, Body, _digest, IntegrityRung.ContentMd5, conditional: true, cancellation));
    }

    // The second write of a key must be refused with 412; anything else is not a refusal that can be counted on.
    private async Task<Condition> SecondAsync<T>(string name, Func<Task<T>> write) where T : Amazon.Runtime.AmazonWebServiceResponse
    {
        try
        {
            var answer = await write();
            Note(name, false, $"the second was answered with {(int)answer.HttpStatusCode}: the header is taken and ignored");
            return Condition.Ignored;
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) is S3Fault.Taken or S3Fault.NotImplemented or S3Fault.Permanent)
        {
            var fault = S3Faults.Of(refusal);
            Note(name, fault == S3Fault.Taken, $"the second was answered with {(int)refusal.StatusCode} {refusal.ErrorCode}");
            // 304 is what a condition of GET gives: the store compared, and may have written.
            return fault == S3Fault.Taken ? Condition.Enforced
                : refusal.StatusCode == System.Net.HttpStatusCode.NotModified ? Condition.Ignored : Condition.Unknown;
        }
    }

    private async Task<IntegrityRung> RungAsync(CancellationToken cancellation)
    {
        var checksum = await IsRefusedAsync("wrong SHA-256 checksum refused", IntegrityRung.Checksum, _digest with { Checksum = new byte[32] }, cancellation);
        var md5 = await IsRefusedAsync("wrong Content-MD5 refused", IntegrityRung.ContentMd5, _digest with { Md5 = new byte[16] }, cancellation);
        if (checksum && await IsSameAsync("checksum told by HEAD", IntegrityRung.Checksum, cancellation))
        {
            return IntegrityRung.Checksum;
        }
        if (md5 && await IsSameAsync("ETag is the MD5, HEAD knows the length", IntegrityRung.ContentMd5, cancellation))
        {
            return IntegrityRung.ContentMd5;
        }
        return await IsSameAsync("reads back as written", IntegrityRung.ReadBack, cancellation) ? IntegrityRung.ReadBack : IntegrityRung.None;
    }

    private async Task<bool> IsRefusedAsync(string name, IntegrityRung rung, PayloadDigest wrong, CancellationToken cancellation)
    {
        try
        {
            await _bucket.PutAsync(Key($"wrong-{rung}"), Body, wrong, rung, conditional: false, cancellation);
            Note(name, false, "it was stored: the header is ignored");
            return false;
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) is S3Fault.Damaged or S3Fault.Permanent or S3Fault.NotImplemented)
        {
            Note(name, S3Faults.Of(refusal) == S3Fault.Damaged, $"{(int)refusal.StatusCode} {refusal.ErrorCode}");
            return S3Faults.Of(refusal) == S3Fault.Damaged;
        }
    }

    private async Task<bool> IsSameAsync(string name, IntegrityRung rung, CancellationToken cancellation)
    {
        var key = Key($"right-{rung}");
        await _bucket.PutAsync(key, Body, _digest, rung, conditional: false, cancellation);
        var state = await new StoredObjectCheck(_bucket).CompareAsync(key, [new SentPart(1, 0, _digest, "")], multipart: false, rung, cancellation);
        Note(name, state == StoredState.Same, state.ToString());
        return state == StoredState.Same;
    }

    private async Task<(Condition, IntegrityRung)> PartsAsync(CancellationToken cancellation)
    {
        var best = IntegrityRung.None;
        foreach (var rung in new[] { IntegrityRung.Checksum, IntegrityRung.ContentMd5, IntegrityRung.ReadBack })
        {
            if (best == IntegrityRung.None && await PartsAreSameAsync(rung, cancellation))
            {
                best = rung;
            }
        }
        var aborted = Key("aborted");
        var upload = await _bucket.StartPartsAsync(aborted, IntegrityRung.ContentMd5, cancellation);
        await _bucket.PutPartAsync(aborted, upload, 1, Body, _digest, IntegrityRung.ContentMd5, cancellation);
        await _bucket.AbortPartsAsync(aborted, upload, cancellation);
        var left = await _bucket.ListPartsUploadsAsync(_folder, null, null, cancellation);
        var nothing = left.MultipartUploads is null or { Count: 0 } && await _bucket.HeadAsync(aborted, false, cancellation) is null;
        Note("aborted multipart leaves nothing", nothing, $"{left.MultipartUploads?.Count ?? 0} uploads listed");
        return (await ConditionalPartsAsync(cancellation), best);
    }

    private async Task<Condition> ConditionalPartsAsync(CancellationToken cancellation)
    {
        if (_bucket.Options.ConditionalCreate == ConditionalCreate.Off)
        {
            return Condition.Unknown;
        }
        const string name = "conditional multipart completion";
        var key = Key("conditional-parts");
        try
        {
            // A store that does not know the condition may refuse every one.
            var (first, firstPart) = await PutOnePartAsync(key, IntegrityRung.ContentMd5, cancellation);
            await AbortOnRefusalAsync(key, first, () => _bucket.CompletePartsAsync(key, first, [firstPart], IntegrityRung.ContentMd5, conditional: true, cancellation), cancellation);
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) is S3Fault.Taken or S3Fault.NotImplemented or S3Fault.Permanent)
        {
            Note(name, false, $"the store has none ({(int)refusal.StatusCode} {refusal.ErrorCode} for a new key)");
            return Condition.Unknown;
        }
        var (upload, part) = await PutOnePartAsync(key, IntegrityRung.ContentMd5, cancellation);
        return await SecondAsync(name, () => AbortOnRefusalAsync(key, upload,
            () => _bucket.CompletePartsAsync(key, upload, [part], IntegrityRung.ContentMd5, conditional: true, cancellation), cancellation));
    }

    private async Task<T> AbortOnRefusalAsync<T>(string key, string upload, Func<Task<T>> complete, CancellationToken cancellation)
    {
        try
        {
            return await complete();
        }
        catch (Amazon.S3.AmazonS3Exception)
        {
            await _bucket.AbortPartsAsync(key, upload, cancellation);
            throw;
        }
    }

    private async Task<bool> PartsAreSameAsync(IntegrityRung rung, CancellationToken cancellation)
    {
        var key = Key($"parts-{rung}");
        try
        {
            var (upload, part) = await PutOnePartAsync(key, rung, cancellation);
            await AbortOnRefusalAsync(key, upload, () => _bucket.CompletePartsAsync(key, upload, [part], rung, conditional: false, cancellation), cancellation);
            var state = await new StoredObjectCheck(_bucket).CompareAsync(key, [part], multipart: true, rung, cancellation);
            Note($"multipart, by {rung}", state == StoredState.Same, state.ToString());
            return state == StoredState.Same;
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) is S3Fault.Damaged or S3Fault.Permanent or S3Fault.NotImplemented)
        {
            Note($"multipart, by {rung}", false, $"{(int)refusal.StatusCode} {refusal.ErrorCode}");
            return false;
        }
    }

    private async Task<(string Upload, SentPart Part)> PutOnePartAsync(string key, IntegrityRung rung, CancellationToken cancellation)
    {
        var upload = await _bucket.StartPartsAsync(key, rung, cancellation);
        var answer = await _bucket.PutPartAsync(key, upload, 1, Body, _digest, rung, cancellation);
        return (upload, new SentPart(1, 0, _digest, answer.ETag));
    }

    private async Task<bool> RangesAsync(CancellationToken cancellation)
    {
        var key = _written[0];
        var middle = await RangeAsync(key, "bytes=1000-1999", cancellation) is { } bytes && bytes.AsSpan().SequenceEqual(_bytes.AsSpan(1000, 1000));
        var end = await RangeAsync(key, "bytes=9990-10999", cancellation) is { } tail && tail.AsSpan().SequenceEqual(_bytes.AsSpan(9990));
        var suffix = await RangeAsync(key, "bytes=-100", cancellation) is { } last && last.AsSpan().SequenceEqual(_bytes.AsSpan(9900));
        var past = await RangeAsync(key, "bytes=10000-10099", cancellation) is null;
        Note("ranges exact", middle && end, $"middle {middle}, across the end {end}");
        Note("suffix range exact", suffix, $"{suffix}");
        Note("range past the end is 416", past, $"{past}");
        return middle && end && past;
    }

    private async Task<byte[]?> RangeAsync(string key, string range, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _bucket.GetAsync(key, range, cancellation);
            using var read = new MemoryStream();
            await answer.ResponseStream.CopyToAsync(read, cancellation);
            return read.ToArray();
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) == S3Fault.OutOfRange)
        {
            return null;
        }
    }

    private async Task<bool> ListAsync(CancellationToken cancellation)
    {
        string[] keys = [Key("l-b"), Key("l.b"), Key("l/b"), Key("l0"), Key("lB"), Key("la")];
        foreach (var key in keys.Reverse())
        {
            await _bucket.PutAsync(key, Body, _digest, IntegrityRung.ContentMd5, conditional: false, cancellation);
        }
        var listed = new List<string>();
        string? continuation = null;
        do
        {
            var page = await _bucket.ListAsync($"{_folder}l", continuation, 4, cancellation);
            listed.AddRange((page.S3Objects ?? []).Select(found => _bucket.Own(found.Key)));
            continuation = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (continuation is not null && listed.Count <= keys.Length);
        var ordered = listed.SequenceEqual(keys);
        Note("listed at once, in bytewise order, by pages", ordered, $"{listed.Count} of {keys.Length}");
        var head = await _bucket.HeadAsync(keys[0], false, cancellation);
        _skew = head?.LastModified is { } modified ? modified.ToUniversalTime() - _time.GetUtcNow().UtcDateTime : TimeSpan.Zero;
        _encrypted = head is not null && _bucket.Encryption.Holds(head);
        Note("encryption as asked for", _encrypted, _bucket.Options.Encryption.Kind.ToString());
        return ordered;
    }

    private async Task<bool> CleanUpAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var key in _written)
            {
                await _bucket.DeleteAsync(key, cancellation);
            }
            Note("delete", true, "allowed");
            return true;
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) is S3Fault.Denied)
        {
            Note("delete", false, "not allowed to this identity; a lifecycle rule should expire probe/");
            return false;
        }
        catch (Amazon.S3.AmazonS3Exception refusal) when (S3Faults.Of(refusal) is S3Fault.Missing)
        {
            Note("delete", true, "of what is not there is 404");
            return true;
        }
    }

    private Stream Body() => new MemoryStream(_bytes, writable: false);

    private string Key(string name)
    {
        var key = _folder + name;
        if (!_written.Contains(key))
        {
            _written.Add(key);
        }
        return key;
    }

    private void Note(string name, bool holds, string detail) => _findings.Add(new ProbeFinding(name, holds, detail));
}

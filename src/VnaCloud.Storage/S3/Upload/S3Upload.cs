using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>
/// An object on its way to a bucket. Small ones go in one request at the end; of longer ones, parts leave as soon as their bytes are
/// sealed, so that the end of the body is near the end of the upload. Past <see cref="StreamFrom"/> unsealed bytes (one great instance)
/// parts leave unsealed too, all but those that hold its beginning, where its tar header is still to be patched. Where sealed parts have left
/// before it, a great instance waits in the spool's file: parts that left cannot be taken back singly.
/// </summary>
internal sealed class S3Upload : ObjectUpload
{
    /// <summary>Unsealed bytes from which parts leave all the same.</summary>
    public const int StreamFrom = 64 * 1024 * 1024;

    /// <summary>Bytes after the last seal that stay patchable then: tar headers, with room.</summary>
    public const int PatchRoom = 1024 * 1024;

    private readonly S3Bucket _bucket;
    private readonly StoreCapabilities _capabilities;
    private readonly string _key;
    private readonly UploadSpool _spool;
    private readonly PartSender _sender;
    private long _sealed;
    private bool _streaming;
    private bool _torn;
    private bool _finished;

    public S3Upload(S3Bucket bucket, StoreCapabilities capabilities, UploadBuffers buffers, string key)
    {
        (_bucket, _capabilities, _key) = (bucket, capabilities, key);
        var pieces = bucket.Options.PartSize / UploadBuffers.Size * (bucket.Options.PartsAtOnce + 1);
        _spool = new UploadSpool(buffers, bucket.Options.SpoolFolder, pieces);
        _sender = new PartSender(bucket, key, _spool, capabilities.Rung);
    }

    public override long Length => _spool.Length;

    private int PartSize => _bucket.Options.PartSize;

    public override async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Check(cancellation);
        _torn = true;
        while (bytes.Length > 0)
        {
            var step = (int)Math.Min(bytes.Length, PartSize - (Length % PartSize));
            _spool.Append(bytes.Span[..step]);
            bytes = bytes[step..];
            if (Length % PartSize == 0 && Length >= _bucket.Options.MultipartFrom)
            {
                await SendReadyAsync(cancellation);
            }
        }
        _torn = false;
    }

    public override ValueTask PatchAsync(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Check(cancellation);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, _sealed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - bytes.Length);
        if (_streaming && offset + bytes.Length > _sealed + PatchRoom)
        {
            throw new InvalidOperationException($"Of unsealed bytes past {StreamFrom} only the first {PatchRoom} can be patched.");
        }
        _spool.Patch(offset, bytes.Span);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask TruncateAsync(long length, CancellationToken cancellation)
    {
        Check(cancellation);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, _sealed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (_streaming)
        {
            if (length > _sealed + PatchRoom)
            {
                throw new InvalidOperationException($"Unsealed bytes past {StreamFrom} can only be cut back to within {PatchRoom} of the last seal.");
            }
            await _sender.ForgetAsync();
            _streaming = false;
        }
        _spool.Truncate(length);
        _torn = false;
    }

    public override void Seal()
    {
        _sealed = Length;
        _streaming = false;
    }

    public override async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        Check(cancellation);
        if (_torn)
        {
            throw new InvalidOperationException("An append failed: the upload is cut back with TruncateAsync or given up.");
        }
        _finished = true;
        Seal();
        try
        {
            if (_sender.UploadId is null && Length < _bucket.Options.MultipartFrom)
            {
                await PutAsync(cancellation);
            }
            else
            {
                await CompletePartsAsync(cancellation);
            }
        }
        catch (Exception failure) when (S3Faults.IsFault(failure) && failure is not (StoreUnavailableException or ObjectExistsException))
        {
            throw S3Faults.Unavailable("Writing an object", _bucket.Name, failure);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _finished = true;
        await _sender.DisposeAsync();
        _spool.Dispose();
    }

    private async ValueTask SendReadyAsync(CancellationToken cancellation)
    {
        _streaming |= Length - _sealed > StreamFrom && !_sender.Any;
        for (var index = 0; (long)(index + 1) * PartSize <= Length; index++)
        {
            var start = (long)index * PartSize;
            if (!_sender.Has(index) && (start + PartSize <= _sealed || (_streaming && start >= _sealed + PatchRoom)))
            {
                await _sender.SendAsync(index, PartSize, cancellation);
            }
        }
    }

    private async Task PutAsync(CancellationToken cancellation)
    {
        PayloadDigest digest;
        await using (var body = Body())
        {
            digest = await PayloadDigest.OfAsync(body, _capabilities.Rung, cancellation);
        }
        await RefuseTakenAsync(_capabilities.ConditionalPut, cancellation);
        var failure = await AnswerAsync(() => _bucket.PutAsync(_key, Body, digest, _capabilities.Rung, _capabilities.ConditionalPut, cancellation));
        await SettleAsync(failure, [new SentPart(1, 0, digest, "")], multipart: false, cancellation);
    }

    private async Task CompletePartsAsync(CancellationToken cancellation)
    {
        for (var index = 0; (long)index * PartSize < Length; index++)
        {
            if (!_sender.Has(index))
            {
                await _sender.SendAsync(index, (int)Math.Min(PartSize, Length - ((long)index * PartSize)), cancellation);
            }
        }
        var parts = await _sender.FinishAsync();
        await RefuseTakenAsync(_capabilities.ConditionalComplete, cancellation);
        var failure = await AnswerAsync(() => _bucket.CompletePartsAsync(_key, _sender.UploadId!, parts, _capabilities.Rung, _capabilities.ConditionalComplete, cancellation));
        await SettleAsync(failure, parts, multipart: true, cancellation);
        _sender.Completed();
    }

    // Without a conditional write: keys are this archive's own ULIDs, so that a look before is enough against a mistake, not against a race.
    private async ValueTask RefuseTakenAsync(bool conditional, CancellationToken cancellation)
    {
        if (!conditional && await _bucket.HeadAsync(_key, checksums: false, cancellation) is not null)
        {
            throw new ObjectExistsException(_key);
        }
    }

    // Of these the store may have carried out the request, this time or at an earlier try.
    private static async Task<Exception?> AnswerAsync(Func<Task> request)
    {
        try
        {
            await request();
            return null;
        }
        catch (Exception failure) when (S3Faults.IsFault(failure) && S3Faults.Of(failure) is S3Fault.Transient or S3Fault.Taken or S3Fault.Missing)
        {
            return failure;
        }
    }

    /// <summary>What stands under the key decides, whatever the answer was.</summary>
    private async Task SettleAsync(Exception? failure, IReadOnlyList<SentPart> parts, bool multipart, CancellationToken cancellation)
    {
        var state = await new StoredObjectCheck(_bucket).CompareAsync(_key, parts, multipart, _capabilities.Rung, cancellation);
        if (state == StoredState.Same)
        {
            return;
        }
        if (failure is null)
        {
            throw new StoreUnavailableException($"The store said that object {_key} is written, but {(state == StoredState.Missing ? "has none" : "holds something else")}: check the store's health; nothing was acknowledged.");
        }
        throw state == StoredState.Different ? new ObjectExistsException(_key) : S3Faults.Unavailable("Writing an object", _bucket.Name, failure);
    }

    private SpoolStream Body() => new(_spool, 0, Length);

    private void Check(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_finished)
        {
            throw new InvalidOperationException("The upload is over.");
        }
    }
}

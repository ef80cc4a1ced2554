using System.Buffers;
using System.Security.Cryptography;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>Copies one object between stores, and believes the copy when it has read it back.</summary>
internal static class ObjectCopy
{
    private const int Step = 1024 * 1024;

    public static async Task<MirrorOutcome> CopyAsync(IObjectStore from, IObjectStore to, string key, CancellationToken cancellation)
    {
        if (await from.LengthAsync(key, cancellation) is not { } length)
        {
            return MirrorOutcome.SourceMissing;
        }
        if (await to.LengthAsync(key, cancellation) is not null)
        {
            return await CompareAsync(from, to, key, cancellation);
        }
        byte[] digest;
        await using (var upload = await to.CreateAsync(key, cancellation))
        {
            digest = await ReadAsync(from, key, length, upload, cancellation);
            try
            {
                await upload.CompleteAsync(cancellation);
            }
            catch (ObjectExistsException)
            {
                // Another server took the same from the queue.
                return await CompareAsync(from, to, key, cancellation);
            }
        }
        var back = await DigestAsync(to, key, cancellation);
        return back.AsSpan().SequenceEqual(digest)
            ? MirrorOutcome.Copied
            : throw new StoreUnavailableException($"The copy of {key} does not read back as it was written: check the second store's health.");
    }

    public static async Task<MirrorOutcome> CompareAsync(IObjectStore one, IObjectStore other, string key, CancellationToken cancellation)
    {
        var digest = await DigestAsync(one, key, cancellation);
        var second = await DigestAsync(other, key, cancellation);
        return digest.AsSpan().SequenceEqual(second) ? MirrorOutcome.Equal : MirrorOutcome.Different;
    }

    private static async Task<byte[]> DigestAsync(IObjectStore store, string key, CancellationToken cancellation) =>
        await ReadAsync(store, key, await store.LengthAsync(key, cancellation) ?? throw new ObjectMissingException(key), null, cancellation);

    private static async Task<byte[]> ReadAsync(IObjectStore store, string key, long length, ObjectUpload? upload, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(Step);
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(Step, length - offset));
                if (await store.ReadAsync(key, offset, piece, cancellation) < piece.Length)
                {
                    throw new TruncatedObjectException(key);
                }
                hash.AppendData(piece.Span);
                if (upload is not null)
                {
                    await upload.AppendAsync(piece, cancellation);
                    upload.Seal();
                }
                offset += piece.Length;
            }
            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

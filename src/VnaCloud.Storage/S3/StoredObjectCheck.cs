using System.Security.Cryptography;
using Amazon.S3.Model;

namespace VnaCloud.Storage;

/// <summary>What stands under a key, compared with what was sent.</summary>
internal enum StoredState
{
    Missing,
    Same,
    Different,
}

/// <summary>
/// Asks the store what it has, never trusting that an answer of 200 means that the bytes are there: by the best rung that the probe proved.
/// It decides after every write, and after every write whose answer was lost.
/// </summary>
internal sealed class StoredObjectCheck(S3Bucket bucket)
{
    /// <param name="key">Of the object.</param>
    /// <param name="parts">What was sent; one without an upload for objects put at once.</param>
    /// <param name="multipart">True when they were sent as parts.</param>
    /// <param name="rung">What to compare.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<StoredState> CompareAsync(string key, IReadOnlyList<SentPart> parts, bool multipart, IntegrityRung rung, CancellationToken cancellation)
    {
        if (await bucket.HeadAsync(key, checksums: rung == IntegrityRung.Checksum, cancellation) is not { } head)
        {
            return StoredState.Missing;
        }
        if (head.ContentLength != parts.Sum(part => part.Digest.Length) || !bucket.Encryption.Holds(head))
        {
            return StoredState.Different;
        }
        var same = rung switch
        {
            IntegrityRung.Checksum => HasChecksum(head, parts, multipart),
            IntegrityRung.ContentMd5 => HasETag(head.ETag, parts, multipart),
            _ => await ReadBackAsync(key, parts, cancellation),
        };
        return same ? StoredState.Same : StoredState.Different;
    }

    /// <summary>The checksum of parts is one over theirs, with their number.</summary>
    public static bool HasChecksum(GetObjectMetadataResponse head, IReadOnlyList<SentPart> parts, bool multipart)
    {
        var expected = multipart
            ? Convert.ToBase64String(SHA256.HashData([.. parts.SelectMany(part => part.Digest.Sha256)]))
            : Convert.ToBase64String(parts[0].Digest.Sha256);
        return head.ChecksumSHA256 == expected || (multipart && head.ChecksumSHA256 == $"{expected}-{parts.Count}");
    }

    /// <summary>The ETag of parts is the MD5 over theirs, with their number.</summary>
    public static bool HasETag(string? etag, IReadOnlyList<SentPart> parts, bool multipart)
    {
#pragma warning disable CA5351 // See PayloadDigest.
        var expected = multipart
            ? $"{Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(part => part.Digest.Md5)]))}-{parts.Count}"
            : Convert.ToHexStringLower(parts[0].Digest.Md5);
#pragma warning restore CA5351
        return string.Equals(etag?.Trim('"'), expected, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<bool> ReadBackAsync(string key, IReadOnlyList<SentPart> parts, CancellationToken cancellation)
    {
        foreach (var part in parts.Where(part => part.Digest.Length > 0))
        {
            using var answer = await bucket.GetAsync(key, $"bytes={part.Offset}-{part.Offset + part.Digest.Length - 1}", cancellation);
            await using var body = new PatientStream(answer.ResponseStream, bucket.Options.Patience);
            var stored = await PayloadDigest.OfAsync(body, IntegrityRung.Checksum, cancellation);
            if (stored.Length != part.Digest.Length || !stored.Sha256.AsSpan().SequenceEqual(part.Digest.Sha256))
            {
                return false;
            }
        }
        return true;
    }
}

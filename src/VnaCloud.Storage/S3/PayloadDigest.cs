using System.Buffers;
using System.Security.Cryptography;

namespace VnaCloud.Storage;

/// <summary>
/// What is known of bytes before they leave: SHA-256 is the checksum; MD5 is what older stores check and call ETag. The one that the store
/// enforces is in a signed header and stands for the bytes: hashing them twice, here and there, would cost as much as sending.
/// </summary>
internal sealed record PayloadDigest(long Length, byte[] Sha256, byte[] Md5)
{
    private const int Step = 256 * 1024;

    /// <summary>What is announced as the checksum; the probe announces a wrong one, to see whether anybody looks.</summary>
    public byte[] Checksum { get; init; } = Sha256;

    /// <summary>Reads a body to its end.</summary>
    public static async Task<PayloadDigest> OfAsync(Stream body, IntegrityRung rung, CancellationToken cancellation)
    {
        using var sha256 = rung == IntegrityRung.ContentMd5 ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA5351 // MD5 finds damage here, not forgery: Content-MD5 and ETag are what stores without newer checksums have.
        using var md5 = rung == IntegrityRung.Checksum ? null : IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        var buffer = ArrayPool<byte>.Shared.Rent(Step);
        try
        {
            var length = 0L;
            while (await body.ReadAsync(buffer.AsMemory(0, Step), cancellation) is > 0 and var read)
            {
                sha256?.AppendData(buffer, 0, read);
                md5?.AppendData(buffer, 0, read);
                length += read;
            }
            return new PayloadDigest(length, sha256?.GetHashAndReset() ?? [], md5?.GetHashAndReset() ?? []);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>A part that the store has.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Of its first byte in the object.</param>
/// <param name="Digest">Of its bytes.</param>
/// <param name="ETag">What the store calls it.</param>
internal sealed record SentPart(int Number, long Offset, PayloadDigest Digest, string ETag);

using System.Buffers;
using System.Security.Cryptography;

namespace VnaCloud.Bench.Bare;

/// <summary>The least that a durable upload costs: read, SHA-256, write, fsync.</summary>
internal static class Upload
{
    private const int BufferSize = 1 << 20;

    public static async Task<UploadResult> StoreAsync(Stream body, string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long offset = 0;
            while (true)
            {
                // Kestrel hands out 4 KiB pieces; one hash and one write per piece would halve the rate.
                var read = await body.ReadAtLeastAsync(buffer.AsMemory(0, BufferSize), BufferSize, throwOnEndOfStream: false, cancellation);
                if (read == 0)
                {
                    break;
                }

                hash.AppendData(buffer, 0, read);
                RandomAccess.Write(file, buffer.AsSpan(0, read), offset);
                offset += read;
            }

            RandomAccess.FlushToDisk(file);
            return new UploadResult(offset, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

internal sealed record UploadResult(long Bytes, string Sha256);

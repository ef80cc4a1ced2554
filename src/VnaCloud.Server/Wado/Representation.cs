using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;

namespace VnaCloud.Server.Wado;

/// <summary>Names representations: the entity tag, and the boundary that belongs to it.</summary>
internal static class Representation
{
    /// <summary>A strong tag over the instances' digests and what makes this form of them different from others.</summary>
    public static EntityTagHeaderValue Tag(IReadOnlyList<InstanceEntry> instances, string form)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(form));
        Span<byte> digest = stackalloc byte[Digest.Size];
        // A few at a time: each call of the hash costs as much as the bytes of several digests.
        Span<byte> block = stackalloc byte[32 * Digest.Size];
        var used = 0;
        for (var i = 0; i < instances.Count; i++)
        {
            instances[i].FileDigest.WriteTo(block[used..]);
            used += Digest.Size;
            if (used == block.Length || i == instances.Count - 1)
            {
                hash.AppendData(block[..used]);
                used = 0;
            }
        }
        hash.GetHashAndReset(digest);
        return new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(digest[..16])}\"");
    }
}

/// <summary>
/// Boundaries: the same for the same representation on every server, because clients fetch ranges of a multipart answer; and not to
/// be met in data, because they are an HMAC under a key that no client knows.
/// </summary>
internal sealed class BoundaryMaker(ArchiveHost archive)
{
    private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes($"boundary:{archive.ArchiveId}"));

    public string Of(EntityTagHeaderValue tag) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(tag.Tag.Value ?? "")).AsSpan(0, 20));
}

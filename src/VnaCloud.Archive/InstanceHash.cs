using System.Security.Cryptography;
using System.Text;

namespace VnaCloud.Archive;

/// <summary>
/// Both digests of an instance in one pass (docs/pack-format.md, section 5): the file's is made of that of its head and that of its
/// content, so that no byte of pixel data is hashed twice.
/// </summary>
public sealed class InstanceHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _both = new byte[2 * Digest.Size];
    private bool _inContent;

    /// <summary>Takes the next bytes of the stored file.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>The head ends here: preamble, prefix and group 0002 (PS3.10 section 7.1); empty for a file without. What follows is content.</summary>
    /// <param name="transferSyntaxUid">The content's transfer syntax, as read or assumed.</param>
    public void BeginContent(string transferSyntaxUid)
    {
        _hash.GetHashAndReset(_both);
        _hash.AppendData(Encoding.ASCII.GetBytes(transferSyntaxUid));
        _inContent = true;
    }

    /// <summary>The digests of all that was taken. Bytes whose content never began have no content: they are all head.</summary>
    public (Digest File, Digest Content) Finish()
    {
        if (!_inContent)
        {
            BeginContent("");
        }
        _hash.GetHashAndReset(_both.AsSpan(Digest.Size));
        return (Digest.Read(SHA256.HashData(_both)), Digest.Read(_both.AsSpan(Digest.Size)));
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}

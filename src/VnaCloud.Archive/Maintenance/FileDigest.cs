using System.Security.Cryptography;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Compares a PS3.10 file with the digest that the archive keeps of it (docs/pack-format.md, section 5).</summary>
internal static class FileDigest
{
    /// <summary>Whether the file has this digest, by the present rule or by that of packs of version 1, in one pass or, if the first differs, two.</summary>
    /// <param name="file">The file, at its start; it can seek.</param>
    /// <param name="expected">From the index or a manifest.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<bool> MatchesAsync(Stream file, Digest expected, CancellationToken cancellation)
    {
        if (await ComputeAsync(file, cancellation) == expected)
        {
            return true;
        }
        file.Position = 0;
        return await OfWholeAsync(file, cancellation) == expected;
    }

    /// <summary>The digest of packs of version 1, and of instances that came out of them: SHA-256 of all bytes.</summary>
    public static async Task<Digest> OfWholeAsync(Stream file, CancellationToken cancellation) => Digest.Read(await SHA256.HashDataAsync(file, cancellation));

    private static async Task<Digest> ComputeAsync(Stream file, CancellationToken cancellation)
    {
        using var bytes = new StreamSource(file);
        using var source = new HashingSource(bytes);
        await using (var reader = new DicomReader(source))
        {
            try
            {
                await reader.ReadFileMetaAsync(cancellation);
                source.BeginContent(reader.TransferSyntax.Uid);
            }
            catch (DicomFormatException)
            {
                // Not a file that the archive ever took: its digest will not be any that is kept.
            }
        }
        return (await source.FinishAsync(cancellation)).File;
    }
}

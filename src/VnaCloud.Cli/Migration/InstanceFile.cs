using System.Security.Cryptography;
using VnaCloud.Dicom;

namespace VnaCloud.Cli.Migration;

/// <summary>A file that came out of an archive, and what has to come back of it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Bytes.</param>
/// <param name="SopUid">SOP Instance UID, of the data set.</param>
/// <param name="Content">Transfer syntax, and SHA-256 of the data set behind the File Meta Information (group 0002 names who wrote the file, and is that one's).</param>
internal sealed record InstanceFile(string Path, long Length, string SopUid, string Content)
{
    private const int Block = 128 * 1024;

    /// <summary>Writes a new file of the folder; it is whole, or not there.</summary>
    public static async Task<string> WriteAsync(Stream content, string folder, CancellationToken cancellation)
    {
        var path = System.IO.Path.Combine(folder, $"{Guid.NewGuid():N}.dcm");
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
            await content.CopyToAsync(file, Block, cancellation);
            return path;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <exception cref="DicomFormatException">It is no DICOM file, or cut off.</exception>
    public static async Task<InstanceFile> ReadAsync(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        using var source = new StreamSource(file);
        await using var reader = new DicomReader(source, new DicomReadOptions { KeepBinary = 0, KeepOther = 1024 });
        await reader.ReadFileMetaAsync(cancellation);
        var (start, syntax) = (reader.DataSetOffset, reader.TransferSyntax.Uid);
        await reader.ReadDataSetAsync(DicomTags.StudyInstanceUID, cancellation);
        var sop = reader.DataSet.String(DicomTags.SOPInstanceUID).Trim(' ', '\0');
        file.Position = start;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Block];
        for (int read; (read = await file.ReadAsync(buffer, cancellation)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }
        return new InstanceFile(path, file.Length, sop, $"{syntax} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }
}

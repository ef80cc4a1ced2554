using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Cli.Import;

internal enum FileKind
{
    /// <summary>To be offered to the archive.</summary>
    Instance,

    /// <summary>The archive has it.</summary>
    Present,

    /// <summary>No "DICM" after a preamble of 128 bytes (PS3.10 section 7.1).</summary>
    NotDicom,

    /// <summary>A list of other files (PS3.10 section 8).</summary>
    Directory,

    /// <summary>The file system does not let it be read.</summary>
    Unreadable,
}

/// <summary>Looks into a file before it is sent: what it is, and whether the archive has it.</summary>
internal sealed class FileInspector(IImportSink sink)
{
    private const string MediaStorageDirectory = "1.2.840.10008.1.3.10";
    private const int Preamble = 128;
    private static readonly DicomTag AfterSeriesUid = new(0x0020_000F);

    public async Task<(FileKind Kind, ImportFile File, string Reason)> InspectAsync(string path, CancellationToken cancellation)
    {
        var file = new ImportFile(path, 0, "");
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            file = file with { Length = stream.Length };
            var head = new byte[Preamble + 4];
            if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation) < head.Length || !head.AsSpan(Preamble).SequenceEqual("DICM"u8))
            {
                return (FileKind.NotDicom, file, "Not a DICOM file.");
            }
            stream.Position = 0;
            return await ReadAsync(stream, file, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (FileKind.Unreadable, file, failure.Message);
        }
    }

    private async Task<(FileKind, ImportFile, string)> ReadAsync(FileStream stream, ImportFile file, CancellationToken cancellation)
    {
        using var source = new StreamSource(stream);
        var reader = new DicomReader(source, new DicomReadOptions { KeepBinary = 0, KeepOther = 1024 });
        long content;
        await using (reader)
        {
            try
            {
                await reader.ReadFileMetaAsync(cancellation);
                content = source.Position;
                if (Uid(reader.FileMeta, DicomTags.MediaStorageSOPClassUID) == MediaStorageDirectory)
                {
                    return (FileKind.Directory, file, "A DICOMDIR lists files and is none to be stored.");
                }
                await reader.ReadDataSetAsync(AfterSeriesUid, cancellation);
            }
            catch (DicomFormatException)
            {
                return (FileKind.Instance, file, ""); // the archive says what is wrong with it
            }
        }
        file = file with { SopUid = Uid(reader.DataSet, DicomTags.SOPInstanceUID) };
        var key = new InstanceKey(Uid(reader.DataSet, DicomTags.StudyInstanceUID), Uid(reader.DataSet, DicomTags.SeriesInstanceUID), file.SopUid);
        var present = file.SopUid.Length > 0 && await sink.FindAsync(key, cancellation) is { } stored
            && stored.Data.Length == file.Length && await DigestAsync(stream, content, reader.TransferSyntax.Uid, cancellation) == stored.FileDigest;
        return (present ? FileKind.Present : FileKind.Instance, file, "");
    }

    // The archive stores the preamble as zeros.
    private static async Task<Digest> DigestAsync(FileStream stream, long content, string transferSyntaxUid, CancellationToken cancellation)
    {
        using var hash = new InstanceHash();
        hash.Append(new byte[Preamble]);
        stream.Position = Preamble;
        var buffer = new byte[128 * 1024];
        await AppendAsync(hash, stream, buffer, content - Preamble, cancellation);
        hash.BeginContent(transferSyntaxUid);
        await AppendAsync(hash, stream, buffer, long.MaxValue, cancellation);
        return hash.Finish().File;
    }

    private static async Task AppendAsync(InstanceHash hash, FileStream stream, byte[] buffer, long count, CancellationToken cancellation)
    {
        for (int read; count > 0 && (read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellation)) > 0; count -= read)
        {
            hash.Append(buffer.AsSpan(0, read));
        }
    }

    private static string Uid(DicomDataSet dataSet, DicomTag tag) => dataSet.String(tag).Trim(' ', '\0');
}

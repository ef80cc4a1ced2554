using System.Buffers.Binary;
using System.IO.Compression;
using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Checks one stored instance: both digests, frame table, metadata segments. One finding at most for each part.</summary>
internal sealed class InstanceVerifier(IObjectStore store, VerifyReport report)
{
    private static readonly byte[] FinalBlock = [1, 0, 0, 0xFF, 0xFF];

    /// <summary>Digests and, with a known inline limit, the frame table.</summary>
    public async Task CheckBytesAsync(InstanceEntry entry, string member, int? inlineLimit, CancellationToken cancellation)
    {
        report.CountInstance(entry.Data.Length);
        try
        {
            if (await BytesFaultAsync(entry, member, inlineLimit, cancellation) is { } fault)
            {
                report.Add(FindingKind.Bytes, entry.Data.PackKey, member, fault);
            }
        }
        catch (IOException failure)
        {
            report.Add(FindingKind.Bytes, entry.Data.PackKey, member, failure.Message);
        }
    }

    /// <summary>Every segment inflates to as many bytes as were written, with their CRC.</summary>
    public async Task CheckMetadataAsync(InstanceEntry entry, string member, CancellationToken cancellation)
    {
        var place = entry.Metadata;
        var offset = place.Offset;
        try
        {
            foreach (var segment in place.Segments)
            {
                if (await CrcAsync(place.PackKey, offset, segment, cancellation) != segment.Crc32)
                {
                    report.Add(FindingKind.Metadata, place.PackKey, member, "The stored metadata does not have its CRC.");
                    return;
                }
                offset += segment.Length;
            }
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException)
        {
            report.Add(FindingKind.Metadata, place.PackKey, member, "The stored metadata does not inflate.");
        }
    }

    private async Task<string?> BytesFaultAsync(InstanceEntry entry, string member, int? inlineLimit, CancellationToken cancellation)
    {
        using var stored = new ObjectSource(store, entry.Data);
        using var source = new HashingSource(stored);
        var limit = inlineLimit ?? new IngestOptions().InlineLimit;
        // As ingest reads: what is only located there is only located here, and the frames are found from the same elements.
        var reader = new DicomReader(source, new DicomReadOptions { KeepBinary = limit, KeepOther = 16L * limit });
        string? unreadable = null;
        await using (reader)
        {
            try
            {
                await reader.ReadFileMetaAsync(cancellation);
                source.BeginContent(reader.TransferSyntax.Uid);
                await reader.ReadDataSetAsync(cancellation);
            }
            catch (DicomFormatException fault)
            {
                unreadable = $"The stored bytes cannot be read any more: {fault.Message}";
            }
        }
        var (file, content) = await source.FinishAsync(cancellation);
        if (file != entry.FileDigest && await WholeAsync(entry, cancellation) != entry.FileDigest)
        {
            return "The stored bytes do not have their SHA-256.";
        }
        if (unreadable is not null)
        {
            return unreadable;
        }
        if (content != entry.ContentDigest)
        {
            return "The content does not have its SHA-256, though the stored bytes do.";
        }
        if (inlineLimit is not null && entry.Frames.TableOffset >= 0
            && !await TableAgreesAsync(entry, FrameLocator.Locate(reader.DataSet, reader.TransferSyntax), cancellation))
        {
            report.Add(FindingKind.Frames, entry.Data.PackKey, member, "The frame table does not agree with the pixel data.");
        }
        return null;
    }

    private async Task<Digest> WholeAsync(InstanceEntry entry, CancellationToken cancellation)
    {
        await using var stored = new ObjectRangeStream(store, entry.Data.PackKey, entry.Data.Offset, entry.Data.Length);
        return await FileDigest.OfWholeAsync(stored, cancellation);
    }

    private async Task<bool> TableAgreesAsync(InstanceEntry entry, FrameLocations located, CancellationToken cancellation)
    {
        if (located.Ranges.Count != entry.Frames.Count)
        {
            return false;
        }
        await using var table = new ObjectRangeStream(store, entry.Data.PackKey, entry.Frames.TableOffset, (long)entry.Frames.Count * PackFormat.FrameEntry);
        var row = new byte[PackFormat.FrameEntry];
        foreach (var range in located.Ranges)
        {
            await table.ReadExactlyAsync(row, cancellation);
            if (BinaryPrimitives.ReadInt64LittleEndian(row) != range.Offset || BinaryPrimitives.ReadInt64LittleEndian(row.AsSpan(8)) != range.Length
                || BinaryPrimitives.ReadInt32LittleEndian(row.AsSpan(16)) != range.Fragments)
            {
                return false;
            }
        }
        return true;
    }

    private async Task<uint> CrcAsync(string key, long offset, MetadataSegment segment, CancellationToken cancellation)
    {
        // With a final block after it: inflates to its end only when the segment ends byte-aligned, as answers need it.
        await using var stored = new ObjectRangeStream(store, key, offset, segment.Length, FinalBlock);
        await using var inflate = new BoundedStream(new DeflateStream(stored, CompressionMode.Decompress), segment.InflatedLength);
        var buffer = new byte[64 * 1024];
        var crc = 0u;
        int read;
        while ((read = await inflate.ReadAsync(buffer, cancellation)) > 0)
        {
            crc = Crc32.Append(crc, buffer.AsSpan(0, read));
        }
        return inflate.Position == segment.InflatedLength ? crc : throw new InvalidDataException("The segment ends early.");
    }
}

using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Sqlite;

/// <summary>The columns of instance and deleted_instance, written and read in one order.</summary>
internal static class InstanceColumns
{
    public const string Names = InstanceTable.Names;

    public const string Parameters = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

    public const string Read = InstanceTable.Read;

    /// <summary>The values of <see cref="Names"/>.</summary>
    public static Value[] Values(TenantId tenant, InstanceEntry entry, long setId, long dataPack, long metadataPack)
    {
        var (attributes, frames, first) = (entry.Attributes, entry.Frames, entry.Frames.FirstFrame);
        return
        [
            tenant.Value, entry.Key.StudyUid, entry.Key.SeriesUid, entry.Key.SopUid, entry.Origin.ToBytes(), setId,
            Text.Clean(attributes.SopClassUid), Text.Clean(attributes.TransferSyntaxUid), Text.Clean(attributes.InstanceNumber),
            Text.NumberOrder(attributes.InstanceNumber), attributes.Rows, attributes.Columns, attributes.BitsAllocated,
            attributes.NumberOfFrames, dataPack, entry.Data.Offset, entry.Data.Length, metadataPack, entry.Metadata.Offset,
            Segments.ToBytes(entry.Metadata.Segments), (int)frames.Layout, frames.Count, frames.PixelOffset, frames.PixelLength,
            frames.FrameLength, frames.TableOffset, first.Offset, first.Length, first.Fragments,
            entry.FileDigest.ToBytes(), entry.ContentDigest.ToBytes(),
        ];
    }

    /// <summary>The current row of a statement that selects <see cref="Read"/>; <paramref name="last"/> lends its texts where they are the same.</summary>
    public static (InstanceEntry Entry, long Order) Entry(Statement row, string studyUid, InstanceEntry? last, Func<long, string> packKey)
    {
        var metadataPack = row.Int64(14);
        var dataPack = row.Int64(11);
        var dataKey = packKey(dataPack);
        return (new InstanceEntry
        {
            Key = new InstanceKey(studyUid, row.Text(0, last?.Key.SeriesUid ?? ""), row.Text(1)),
            Origin = Origin.Read(row.Bytes(2)),
            Attributes = Attributes(row, last?.Attributes),
            Data = new DataLocator(dataKey, row.Int64(12), row.Int64(13)),
            Metadata = new MetadataLocator(metadataPack == dataPack ? dataKey : packKey(metadataPack), row.Int64(15), Segments.Read(row.Bytes(16))),
            Frames = Frames(row),
            FileDigest = Digest.Read(row.Bytes(26)),
            ContentDigest = Digest.Read(row.Bytes(27)),
        }, row.Int64(6));
    }

    private static InstanceAttributes Attributes(Statement row, InstanceAttributes? last) => new()
    {
        SopClassUid = row.Text(3, last?.SopClassUid ?? ""),
        TransferSyntaxUid = row.Text(4, last?.TransferSyntaxUid ?? ""),
        InstanceNumber = row.Text(5),
        Rows = row.NullableInt32(7),
        Columns = row.NullableInt32(8),
        BitsAllocated = row.NullableInt32(9),
        NumberOfFrames = row.NullableInt32(10),
    };

    private static FrameMap Frames(Statement row)
    {
        var layout = (FrameLayout)row.Int32(17);
        return layout == FrameLayout.None
            ? FrameMap.Empty
            : new FrameMap(layout, row.Int32(18), row.Int64(19), row.Int64(20), row.Int64(21), row.Int64(22),
                new FrameRange(row.Int64(23), row.Int64(24), row.Int32(25)));
    }
}

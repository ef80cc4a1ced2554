using Npgsql;
using VnaCloud.Index.Ingest;
using VnaCloud.Index.Model;
using static VnaCloud.Index.Postgres.Batches;

namespace VnaCloud.Index.Postgres;

/// <summary>Rows of instance and deleted_instance as one array for each column, in the order of <see cref="InstanceTable.Names"/>.</summary>
internal static class InstanceArrays
{
    private const string Live = $"""
        INSERT INTO instance ({InstanceTable.Names}) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
            $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)
        """;

    private const string Deleted = $"""
        INSERT INTO deleted_instance ({InstanceTable.Names}, deleted_at, decision) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9,
            $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33)
        ON CONFLICT DO NOTHING
        """;

    public static void AddLive(NpgsqlBatch batch, List<InstanceRow> rows)
    {
        if (rows.Count > 0)
        {
            batch.Add(Live, Columns(rows));
        }
    }

    public static void AddDeleted(NpgsqlBatch batch, List<InstanceRow> rows, List<(long At, Archive.Ulid Decision)> deletedAt)
    {
        if (rows.Count > 0)
        {
            batch.Add(Deleted,
            [
                .. Columns(rows), Column(deletedAt, static item => item.At), Column(deletedAt, static item => IngestTransaction.Bytes(item.Decision)),
            ]);
        }
    }

    private static NpgsqlParameter[] Columns(List<InstanceRow> rows) =>
    [
        Column(rows, static row => row.Tenant), Column(rows, static row => row.Entry.Key.StudyUid),
        Column(rows, static row => row.Entry.Key.SeriesUid), Column(rows, static row => row.Entry.Key.SopUid),
        Column(rows, static row => row.Entry.Origin.ToBytes()), Column(rows, static row => row.SetId),
        Column(rows, static row => Text.Clean(row.Entry.Attributes.SopClassUid)),
        Column(rows, static row => Text.Clean(row.Entry.Attributes.TransferSyntaxUid)),
        Column(rows, static row => Text.Clean(row.Entry.Attributes.InstanceNumber)),
        Column(rows, static row => Text.NumberOrder(row.Entry.Attributes.InstanceNumber)), Column(rows, static row => row.Entry.Attributes.Rows),
        Column(rows, static row => row.Entry.Attributes.Columns), Column(rows, static row => row.Entry.Attributes.BitsAllocated),
        Column(rows, static row => row.Entry.Attributes.NumberOfFrames), Column(rows, static row => row.DataPack),
        Column(rows, static row => row.Entry.Data.Offset), Column(rows, static row => row.Entry.Data.Length),
        Column(rows, static row => row.MetadataPack), Column(rows, static row => row.Entry.Metadata.Offset),
        Column(rows, static row => Segments.ToBytes(row.Entry.Metadata.Segments)), Column(rows, static row => (int)row.Entry.Frames.Layout),
        Column(rows, static row => row.Entry.Frames.Count), Column(rows, static row => row.Entry.Frames.PixelOffset),
        Column(rows, static row => row.Entry.Frames.PixelLength), Column(rows, static row => row.Entry.Frames.FrameLength),
        Column(rows, static row => row.Entry.Frames.TableOffset), Column(rows, static row => row.Entry.Frames.FirstFrame.Offset),
        Column(rows, static row => row.Entry.Frames.FirstFrame.Length), Column(rows, static row => row.Entry.Frames.FirstFrame.Fragments),
        Column(rows, static row => row.Entry.FileDigest.ToBytes()), Column(rows, static row => row.Entry.ContentDigest.ToBytes()),
    ];
}

using Npgsql;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Index.Model;

namespace VnaCloud.Index.Postgres;

/// <summary>Rows of instance with the keys of their packs, as the archive's records.</summary>
internal sealed class InstanceRowReader(int first)
{
    private (string Study, long Id, string Key) _pack = ("", -1, "");
    private InstanceEntry? _last;

    /// <summary>
    /// Columns of instance i and the keys of its packs, in the order in which <see cref="Read"/> takes them. The keys are looked up row by
    /// row: in a join the planner may begin with the packs, and a study can have as many of them as instances.
    /// </summary>
    public static readonly string Columns = string.Join(", ", InstanceTable.Read.Split(',').Select(static name => $"i.{name.Trim()}"))
        + $", {PackKeyOf("data_pack")} AS data_key, CASE WHEN i.metadata_pack <> i.data_pack THEN {PackKeyOf("metadata_pack")} END AS metadata_key";

    /// <summary>The current row, whose columns begin at the first column of this reader; texts that repeat are taken from the row before.</summary>
    public (InstanceEntry Entry, long Order) Read(NpgsqlDataReader row, string studyUid)
    {
        var (dataPack, metadataPack) = (row.GetInt64(first + 11), row.GetInt64(first + 14));
        var dataKey = PackKey(row, studyUid, dataPack);
        var series = row.GetString(first);
        var entry = new InstanceEntry
        {
            Key = new InstanceKey(studyUid, _last?.Key.SeriesUid == series ? _last.Key.SeriesUid : series, row.GetString(first + 1)),
            Origin = Origin.Read(RowLoader.Bytes(row, first + 2)),
            Attributes = Attributes(row),
            Data = new DataLocator(dataKey, row.GetInt64(first + 12), row.GetInt64(first + 13)),
            Metadata = new MetadataLocator(metadataPack == dataPack ? dataKey : row.GetString(first + 29), row.GetInt64(first + 15),
                Segments.Read(RowLoader.Bytes(row, first + 16))),
            Frames = Frames(row),
            FileDigest = Digest.Read(RowLoader.Bytes(row, first + 26)),
            ContentDigest = Digest.Read(RowLoader.Bytes(row, first + 27)),
        };
        _last = entry;
        return (entry, row.GetInt64(first + 6));
    }

    private static string PackKeyOf(string column) =>
        $"(SELECT p.object_key FROM pack p WHERE p.tenant_id = i.tenant_id AND p.study_uid = i.study_uid AND p.pack_id = i.{column})";

    private string PackKey(NpgsqlDataReader row, string studyUid, long id)
    {
        if (_pack.Id != id || _pack.Study != studyUid)
        {
            _pack = (studyUid, id, row.GetString(first + 28));
        }
        return _pack.Key;
    }

    private InstanceAttributes Attributes(NpgsqlDataReader row)
    {
        var (sopClass, syntax) = (row.GetString(first + 3), row.GetString(first + 4));
        return new InstanceAttributes
        {
            SopClassUid = _last?.Attributes.SopClassUid == sopClass ? _last.Attributes.SopClassUid : sopClass,
            TransferSyntaxUid = _last?.Attributes.TransferSyntaxUid == syntax ? _last.Attributes.TransferSyntaxUid : syntax,
            InstanceNumber = row.GetString(first + 5),
            Rows = Nullable(row, first + 7),
            Columns = Nullable(row, first + 8),
            BitsAllocated = Nullable(row, first + 9),
            NumberOfFrames = Nullable(row, first + 10),
        };
    }

    private static int? Nullable(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    private FrameMap Frames(NpgsqlDataReader row)
    {
        var layout = (FrameLayout)row.GetInt32(first + 17);
        return layout == FrameLayout.None
            ? FrameMap.Empty
            : new FrameMap(layout, row.GetInt32(first + 18), row.GetInt64(first + 19), row.GetInt64(first + 20), row.GetInt64(first + 21),
                row.GetInt64(first + 22), new FrameRange(row.GetInt64(first + 23), row.GetInt64(first + 24), row.GetInt32(first + 25)));
    }
}

using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using VnaCloud.Archive;
using VnaCloud.Index.Tests.Contract;

namespace VnaCloud.Index.Tests.Sqlite;

internal sealed class SqliteHarness : IndexHarness
{
    private SqliteHarness(string folder) => Folder = folder;

    public string Folder { get; }

    public string Path => System.IO.Path.Combine(Folder, "index.db");

    public override IArchiveIndex Index => Sqlite;

    public SqliteArchiveIndex Sqlite { get; private set; } = null!;

    public static async Task<SqliteHarness> OpenAsync(Func<SqliteIndexOptions, SqliteIndexOptions>? change = null)
    {
        var harness = new SqliteHarness(Directory.CreateTempSubdirectory("vna-index-").FullName);
        await harness.ReopenAsync(change);
        return harness;
    }

    public async Task ReopenAsync(Func<SqliteIndexOptions, SqliteIndexOptions>? change = null)
    {
        if (Sqlite is not null)
        {
            await Sqlite.DisposeAsync();
        }
        var options = new SqliteIndexOptions { Path = Path, Time = Time };
        Sqlite = await SqliteArchiveIndex.OpenAsync(change?.Invoke(options) ?? options, default);
    }

    public override async Task<string> DumpAsync()
    {
        var text = new StringBuilder();
        foreach (var sql in Tables)
        {
            text.AppendJoin('\n', await RowsAsync(sql)).Append("\n--\n");
        }
        return text.ToString();
    }

    public override async Task<IReadOnlyList<string>> RowsAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader.GetValue(i)))));
        }
        return rows;
    }

    public override async ValueTask DisposeAsync()
    {
        await Sqlite.DisposeAsync();
        Directory.Delete(Folder, true);
    }

    // Versions, batches, changes and the outbox are history, not what is stored.
    private static readonly string[] Tables =
    [
        "SELECT studies, series, instances, packs FROM tenant",
        "SELECT * FROM patient ORDER BY patient_key",
        "SELECT study_uid, study_date, study_time, accession_number, referring_physician_name, study_description, study_id, timezone_offset, "
            + "patient_name, patient_id, issuer_of_patient_id, patient_birth_date, patient_sex, modalities, series_count, instance_count, bytes, "
            + "first_origin, first_series_uid, first_sop_uid FROM study ORDER BY study_uid",
        "SELECT * FROM study_modality ORDER BY 1, 2, 3, 4, 5",
        "SELECT * FROM study_word ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT * FROM series ORDER BY study_uid, series_uid",
        "SELECT * FROM series_request ORDER BY 1, 2, 3, 4",
        "SELECT study_uid, series_uid, set_id, live_count, CASE live_count WHEN 0 THEN '' ELSE hex(min_origin) END, json FROM attribute_set ORDER BY 1, 2, 3",
        InstanceRows("instance", ""),
        InstanceRows("deleted_instance", ", i.deleted_at"),
    ];

    private static string InstanceRows(string table, string more) => $"""
        SELECT i.study_uid, i.series_uid, i.sop_uid, i.origin, i.set_id, i.sop_class_uid, i.transfer_syntax_uid, i.instance_number, i.instance_order,
            i.image_rows, i.image_columns, i.bits_allocated, i.number_of_frames, d.object_key, i.data_offset, i.data_length, m.object_key,
            i.metadata_offset, i.segments, i.frame_layout, i.frame_count, i.pixel_offset, i.pixel_length, i.frame_length, i.table_offset,
            i.first_frame_offset, i.first_frame_length, i.first_frame_fragments, i.file_digest, i.content_digest{more}
        FROM {table} i JOIN pack d ON d.study_uid = i.study_uid AND d.pack_id = i.data_pack
            JOIN pack m ON m.study_uid = i.study_uid AND m.pack_id = i.metadata_pack ORDER BY 1, 2, 3, 4
        """;

    private static string Text(object value) => value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}

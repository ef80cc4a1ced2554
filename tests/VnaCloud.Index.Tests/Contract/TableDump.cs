namespace VnaCloud.Index.Tests.Contract;

/// <summary>Statements that give every row of the tables that say what is stored, the same with every provider.</summary>
internal static class TableDump
{
    // Versions, batches, changes and the outbox are history, not what is stored.
    public static readonly string[] Statements =
    [
        "SELECT * FROM patient ORDER BY patient_key",
        "SELECT study_uid, study_date, study_time, accession_number, referring_physician_name, study_description, study_id, timezone_offset, "
            + "patient_name, patient_id, issuer_of_patient_id, patient_birth_date, patient_sex, modalities, series_count, instance_count, bytes, "
            + "first_origin, first_series_uid, first_sop_uid FROM study ORDER BY study_uid",
        "SELECT * FROM study_modality ORDER BY 1, 2, 3, 4, 5",
        "SELECT * FROM study_word ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT * FROM series ORDER BY study_uid, series_uid",
        "SELECT * FROM series_request ORDER BY 1, 2, 3, 4",
        "SELECT study_uid, series_uid, set_id, live_count, CASE live_count WHEN 0 THEN NULL ELSE min_origin END, json FROM attribute_set ORDER BY 1, 2, 3",
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
}

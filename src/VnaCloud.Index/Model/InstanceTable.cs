namespace VnaCloud.Index.Model;

/// <summary>The columns of instance and deleted_instance, the same and in one order with every provider.</summary>
internal static class InstanceTable
{
    /// <summary>All of them, in the order in which they are written.</summary>
    public const string Names = """
        tenant_id, study_uid, series_uid, sop_uid, origin, set_id, sop_class_uid, transfer_syntax_uid, instance_number, instance_order,
        image_rows, image_columns, bits_allocated, number_of_frames, data_pack, data_offset, data_length, metadata_pack, metadata_offset,
        segments, frame_layout, frame_count, pixel_offset, pixel_length, frame_length, table_offset, first_frame_offset,
        first_frame_length, first_frame_fragments, file_digest, content_digest
        """;

    /// <summary>What a locator needs, in the order in which it is read.</summary>
    public const string Read = """
        series_uid, sop_uid, origin, sop_class_uid, transfer_syntax_uid, instance_number, instance_order, image_rows, image_columns,
        bits_allocated, number_of_frames, data_pack, data_offset, data_length, metadata_pack, metadata_offset, segments, frame_layout,
        frame_count, pixel_offset, pixel_length, frame_length, table_offset, first_frame_offset, first_frame_length,
        first_frame_fragments, file_digest, content_digest
        """;
}

using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>Places in images, in space and in time (PS3.3 sections C.18.6, C.18.7, C.18.9), as words and numbers.</summary>
internal sealed class ReportCoordinates(ReportMarkup markup)
{
    // People read the first few points of an outline, if any.
    private const int Points = 12;

    /// <summary>Writes an SCOORD, SCOORD3D or TCOORD.</summary>
    public void Write(ReportItem item)
    {
        var data = item.Data;
        var isTime = item.ValueType == "TCOORD";
        var kind = ReportFormat.Word(data.Text(isTime ? DicomTags.TemporalRangeType : DicomTags.GraphicType));
        if (kind.Length == 0)
        {
            markup.Missing("no type"u8);
        }
        markup.Text(kind);
        if (isTime)
        {
            WriteTimes(data, DicomTags.ReferencedSamplePositions, " <small>samples "u8);
            WriteTimes(data, DicomTags.ReferencedTimeOffsets, " <small>seconds "u8);
            WriteTimes(data, DicomTags.ReferencedDateTime, " <small>at "u8);
            return;
        }
        WritePoints(data, item.ValueType == "SCOORD3D" ? 3 : 2);
        WriteFact(data, DicomTags.PixelOriginInterpretation, " <small>from the origin of the "u8, origin => origin.ToLowerInvariant());
        WriteFact(data, DicomTags.ReferencedFrameOfReferenceUID, " <small class=\"uid\">frame of reference "u8, uid => uid);
        WriteFact(data, DicomTags.FiducialUID, " <small class=\"uid\">fiducial "u8, uid => uid);
    }

    private void WritePoints(DicomDataSet data, int dimensions)
    {
        var numbers = data.FirstValues(DicomTags.GraphicData, Points * dimensions, out var count);
        if (numbers.Count == 0)
        {
            markup.Raw(" "u8).Missing("no points"u8);
            return;
        }
        markup.Raw(" <small class=\"points\">"u8);
        foreach (var point in numbers.Chunk(dimensions))
        {
            markup.Raw("("u8).Text(string.Join(", ", point)).Raw(") "u8);
        }
        var more = (count / dimensions) - Points;
        if (more > 0)
        {
            markup.Raw("and "u8).Number(more).Raw(" more points"u8);
        }
        markup.Raw("</small>"u8);
    }

    private void WriteTimes(DicomDataSet data, DicomTag tag, ReadOnlySpan<byte> opening)
    {
        var values = data.FirstValues(tag, ReportLimits.ListEntries, out var count);
        if (values.Count == 0)
        {
            return;
        }
        var shown = tag == DicomTags.ReferencedDateTime ? values.Select(ReportFormat.DateTime) : values;
        markup.Raw(opening).Text(string.Join(", ", shown));
        if (count > values.Count)
        {
            markup.Raw(" "u8).Cut("and more"u8);
        }
        markup.Raw("</small>"u8);
    }

    private void WriteFact(DicomDataSet data, DicomTag tag, ReadOnlySpan<byte> opening, Func<string, string> format)
    {
        var value = data.Text(tag);
        if (value.Length > 0)
        {
            markup.Raw(opening).Text(format(value)).Raw("</small>"u8);
        }
    }
}

using System.Globalization;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>Instances that a report points at: images, waveforms and other objects (PS3.3 sections C.18.3, C.18.4, C.18.5).</summary>
internal sealed class ReportInstances(ReportMarkup markup, ReportReferences references)
{
    /// <summary>The instances of a content item.</summary>
    public void Write(DicomDataSet item)
    {
        var instances = item.Items(DicomTags.ReferencedSOPSequence);
        if (instances.Count == 0)
        {
            markup.Missing("no reference"u8);
        }
        // The standard has one; a list of them is no reason to show less.
        for (var i = 0; i < Math.Min(instances.Count, ReportLimits.ListEntries); i++)
        {
            markup.Raw(i > 0 ? "<br/>"u8 : ""u8);
            WriteInstance(instances[i]);
        }
        if (instances.Count > ReportLimits.ListEntries)
        {
            markup.Cut(" and more"u8);
        }
    }

    /// <summary>One instance, as a link where its place is known.</summary>
    public void WriteInstance(DicomDataSet reference)
    {
        var sop = reference.Text(DicomTags.ReferencedSOPInstanceUID);
        var name = ReportClasses.NameOf(reference.Text(DicomTags.ReferencedSOPClassUID));
        var url = references.UrlOf(sop);
        if (url is not null)
        {
            WriteLink(url, "", name.Length > 0 ? name : "Instance");
        }
        else
        {
            markup.Text(name);
        }
        if (sop.Length > 0)
        {
            markup.Raw(" <small class=\"uid\">"u8).Text(sop).Raw("</small>"u8);
        }
        else
        {
            markup.Missing(" no instance"u8);
        }
        WriteFrames(reference, url);
        WriteList(reference, DicomTags.ReferencedSegmentNumber, "segments "u8);
        WriteList(reference, DicomTags.ReferencedWaveformChannels, "channels "u8);
        WriteNested(reference, DicomTags.ReferencedSOPSequence, "shown by "u8);
        WriteNested(reference, DicomTags.ReferencedRealWorldValueMappingInstanceSequence, "values by "u8);
    }

    private void WriteFrames(DicomDataSet reference, string? url)
    {
        var frames = reference.FirstValues(DicomTags.ReferencedFrameNumber, ReportLimits.ListEntries, out var count);
        for (var i = 0; i < frames.Count; i++)
        {
            markup.Raw(i == 0 ? " <small>frames "u8 : ", "u8);
            if (url is not null && int.TryParse(frames[i], NumberStyles.None, CultureInfo.InvariantCulture, out var frame) && frame > 0)
            {
                WriteLink(url, $"/frames/{frame}", frames[i]);
            }
            else
            {
                markup.Text(frames[i]);
            }
        }
        EndList(frames.Count, count);
    }

    private void WriteList(DicomDataSet reference, DicomTag tag, ReadOnlySpan<byte> label)
    {
        var values = reference.FirstValues(tag, ReportLimits.ListEntries, out var count);
        if (values.Count > 0)
        {
            markup.Raw(" <small>"u8).Raw(label).Text(string.Join(", ", values));
        }
        EndList(values.Count, count);
    }

    private void EndList(int shown, int count)
    {
        if (count > shown)
        {
            markup.Raw(" "u8).Cut("and more"u8);
        }
        markup.Raw(shown > 0 ? "</small>"u8 : ""u8);
    }

    // A presentation state or value map, which has no further ones below it.
    private void WriteNested(DicomDataSet reference, DicomTag sequence, ReadOnlySpan<byte> label)
    {
        if (reference.Items(sequence) is not [var nested, ..])
        {
            return;
        }
        var sop = nested.Text(DicomTags.ReferencedSOPInstanceUID);
        var name = ReportClasses.NameOf(nested.Text(DicomTags.ReferencedSOPClassUID));
        markup.Raw(" <small>"u8).Raw(label).Text(name).Raw(" <span class=\"uid\">"u8).Text(sop).Raw("</span></small>"u8);
    }

    private void WriteLink(string url, string below, string text) =>
        markup.Raw("<a href=\""u8).Text(url).Text(below).Raw("/rendered\">"u8).Text(text).Raw("</a>"u8);
}

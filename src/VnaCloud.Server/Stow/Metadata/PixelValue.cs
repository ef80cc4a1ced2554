using System.Globalization;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;
using VnaCloud.Server.Stow.Wrapping;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>The pixel data of one instance out of its parts: native, or encapsulated in the transfer syntax that the parts are in (PS3.18 Table 8.7.3-5).</summary>
internal sealed class PixelValue(Spool spool, IReadOnlyList<BulkPart> parts, string hint)
{
    private const string Png = "image/png";

    /// <summary>What the first part says of itself; null where it says nothing, or cannot be read.</summary>
    public ImageHeader? Header { get; private set; }

    /// <summary>Why there is no header.</summary>
    public string HeaderFault { get; private set; } = "";

    /// <summary>Frames that came one by one.</summary>
    public int Frames => parts.Count;

    /// <summary>Bytes as they came.</summary>
    public long Bytes => parts.Sum(part => part.Range.Length);

    /// <summary>A picture, document or video of its own, as opposed to the bytes of an element.</summary>
    public bool IsFile => parts[0].MediaType != MediaTypeNames.OctetStream;

    /// <summary>Replaces the pixel data that is named by its value.</summary>
    /// <returns>The transfer syntax of the instance.</returns>
    public TransferSyntax Set(DicomDataSet dataSet)
    {
        var tag = dataSet.First(element => element.Tag.IsPixelData).Tag;
        if (parts.Any(part => part.MediaType != parts[0].MediaType || part.TransferSyntax != parts[0].TransferSyntax))
        {
            throw BulkFaultException.Unreadable("The frames of the pixel data have different media types or transfer syntaxes.");
        }
        if (parts[0].MediaType == Png)
        {
            SetDecoded(dataSet, tag);
            return TransferSyntax.ExplicitVrLittleEndian;
        }
        (Header, HeaderFault) = ImageHeaderReader.TryRead(parts[0].MediaType, new SpoolReader(spool, parts[0].Range));
        var syntax = PixelSyntax.Of(parts[0], hint, Header, HeaderFault);
        if (!syntax.IsEncapsulated)
        {
            SetNative(dataSet, tag, [.. parts.Select(part => part.Range)]);
            return TransferSyntax.ExplicitVrLittleEndian;
        }
        if (tag != DicomTags.PixelData)
        {
            throw BulkFaultException.Unreadable("Float pixel data cannot be compressed.");
        }
        CheckFrames(dataSet, syntax);
        // Who names the syntax sends what DICOM has in it; else it may be a file, whose boxes do not belong there.
        var frames = parts.Select(part => part.TransferSyntax is null ? Codestream.Of(new SpoolReader(spool, part.Range), part.MediaType) : part.Range);
        dataSet.Set(new DicomElement(tag, DicomVr.OB, EncapsulatedPixelData.Collect([.. frames.Select(BulkValues.Fragment)])));
        // They were of the sender's fragments (PS3.3 C.7.6.3.1.8).
        dataSet.Remove(DicomTags.ExtendedOffsetTable);
        dataSet.Remove(DicomTags.ExtendedOffsetTableLengths);
        return syntax;
    }

    private void CheckFrames(DicomDataSet dataSet, TransferSyntax syntax)
    {
        if (syntax.IsVideo)
        {
            if (parts.Count > 1)
            {
                throw BulkFaultException.Unreadable("A video is one part.");
            }
            return;
        }
        if (dataSet[DicomTags.NumberOfFrames] is not { IsEmpty: false })
        {
            if (parts.Count > 1)
            {
                dataSet.Set(DicomTags.NumberOfFrames, DicomVr.IS, parts.Count.ToString(CultureInfo.InvariantCulture));
            }
        }
        else if (dataSet.Integer(DicomTags.NumberOfFrames) is { } declared && declared != parts.Count)
        {
            throw new BulkFaultException(
                declared > parts.Count ? FailureReason.MissingBulkData : FailureReason.CannotUnderstand,
                $"Number of Frames (0028,0008) says {declared}, but {parts.Count} came: each frame of compressed pixel data is a part.");
        }
    }

    private void SetDecoded(DicomDataSet dataSet, DicomTag tag)
    {
        var ranges = new List<SpoolRange>(parts.Count);
        foreach (var part in parts)
        {
            var (header, range) = PngDecoder.Decode(spool, part.Range);
            Header ??= header;
            ranges.Add(header == Header ? range : throw BulkFaultException.Unreadable("The frames of the pixel data have different sizes or colours."));
        }
        if (parts.Count > 1 && dataSet[DicomTags.NumberOfFrames] is not { IsEmpty: false })
        {
            dataSet.Set(DicomTags.NumberOfFrames, DicomVr.IS, parts.Count.ToString(CultureInfo.InvariantCulture));
        }
        // What the pixels were decoded to is what is stored, whatever the metadata took them for.
        ImageWrapping.SetPixelDescription(dataSet, Header!);
        SetNative(dataSet, tag, ranges);
    }

    private void SetNative(DicomDataSet dataSet, DicomTag tag, List<SpoolRange> ranges)
    {
        var bits = dataSet.Integer(DicomTags.BitsAllocated);
        if (ranges.Count > 1 && bits % 8 != 0)
        {
            throw BulkFaultException.Unreadable("Frames of one bit a pixel follow each other without padding: send them as one part.");
        }
        var vr = dataSet[tag]!.Vr;
        if (tag == DicomTags.PixelData && (bits > 8 || vr is not (DicomVr.OB or DicomVr.OW)))
        {
            // PS3.5 section A.2: OB only where a sample has no more than 8 bits.
            vr = bits > 8 ? DicomVr.OW : DicomVr.OB;
        }
        dataSet.Set(BulkValues.Located(tag, vr, Join(ranges)));
    }

    private SpoolRange Join(List<SpoolRange> ranges)
    {
        if (ranges.Zip(ranges.Skip(1)).All(pair => pair.First.End == pair.Second.Offset))
        {
            return new SpoolRange(ranges[0].Offset, ranges[^1].End - ranges[0].Offset);
        }
        var start = spool.Length;
        var buffer = new byte[64 * 1024];
        foreach (var range in ranges)
        {
            for (var offset = range.Offset; offset < range.End;)
            {
                var step = buffer.AsSpan(0, (int)Math.Min(buffer.Length, range.End - offset));
                spool.Read(offset, step);
                spool.Append(step);
                offset += step.Length;
            }
        }
        return new SpoolRange(start, spool.Length - start);
    }
}

using System.Text;
using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>Gives the elements of one data set whose values are bulk data: where they lie in the spool. What is wrong is kept, so that the data set is read to its end.</summary>
internal sealed class BulkValues(Spool spool, BulkParts bulk)
{
    /// <summary>The first thing wrong.</summary>
    public BulkFaultException? Fault { get; private set; }

    /// <summary>The parts of the pixel data itself, whose encoding is the instance's.</summary>
    public IReadOnlyList<BulkPart>? Pixels { get; private set; }

    /// <summary>The part of Encapsulated Document (0042,0011).</summary>
    public BulkPart? Document { get; private set; }

    /// <summary>Pixel data within a sequence, such as an icon's, is compressed.</summary>
    public bool HasFragments { get; private set; }

    public DicomElement Element(BulkDataReference reference)
    {
        try
        {
            return Of(reference);
        }
        catch (BulkFaultException fault)
        {
            Fault ??= fault;
            return new DicomElement(reference.Tag, reference.Vr, default(ReadOnlyMemory<byte>));
        }
    }

    private DicomElement Of(BulkDataReference reference)
    {
        // Never looked for anywhere else: a URI may name what only this server can reach (attacks 65).
        if (bulk.Of(reference.Uri) is not { } parts)
        {
            throw new BulkFaultException(FailureReason.MissingBulkData, $"No part of the request has the BulkDataURI of {reference.Tag} for its Content-Location.");
        }
        if (reference.Vr == DicomVr.SQ)
        {
            throw BulkFaultException.Unreadable($"{reference.Tag} is a sequence and has no bulk data.");
        }
        if (reference.Tag.IsPixelData && reference.Within.Parent is null)
        {
            Pixels = parts;
            return new DicomElement(reference.Tag, reference.Vr, default(ReadOnlyMemory<byte>));
        }
        if (reference.Tag == DicomTags.PixelData && parts.Any(part => part.MediaType != MediaTypeNames.OctetStream))
        {
            HasFragments = true;
            return new DicomElement(reference.Tag, DicomVr.OB, EncapsulatedPixelData.Collect([.. parts.Select(part => Fragment(part.Range))]));
        }
        if (parts is not [var only])
        {
            throw BulkFaultException.Unreadable($"Several parts have the BulkDataURI of {reference.Tag}, which has one value.");
        }
        if (reference.Tag == DicomTags.EncapsulatedDocument)
        {
            Document = only;
        }
        return reference.Vr.UsesCharacterSet() ? Text(reference, only.Range) : Located(reference.Tag, reference.Vr, only.Range);
    }

    /// <summary>An element whose value is a stretch of the spool.</summary>
    public static DicomElement Located(DicomTag tag, DicomVr vr, SpoolRange range) =>
        DicomElement.Located(tag, vr, range.Offset, Checked(range.Length), bigEndian: false);

    /// <summary>A frame or fragment that is a stretch of the spool.</summary>
    public static ValueRange Fragment(SpoolRange range) => new(range.Offset, (uint)Checked(range.Length));

    private static long Checked(long length) => length <= ValueRange.MaxLength
        ? length
        : throw new BulkFaultException(FailureReason.OutOfResources, $"A value is longer than {ValueRange.MaxLength} bytes, which no element can be.");

    // Without code extensions either, whose escape sequences are ASCII too.
    private static bool IsPlain(ReadOnlySpan<byte> bytes) => Ascii.IsValid(bytes) && !bytes.Contains((byte)0x1B);

    // Bulk text is in the character set that the metadata names, the data set in UTF-8.
    private DicomElement Text(BulkDataReference reference, SpoolRange range)
    {
        if (range.Length > MetadataLimits.TextBytes)
        {
            throw new BulkFaultException(FailureReason.OutOfResources, $"The text of {reference.Tag} is longer than {MetadataLimits.TextBytes} bytes.");
        }
        var bytes = new byte[range.Length];
        spool.Read(range.Offset, bytes);
        return new DicomElement(reference.Tag, reference.Vr, IsPlain(bytes) ? bytes : Encoding.UTF8.GetBytes(reference.Source.Decode(bytes, reference.Vr)));
    }
}

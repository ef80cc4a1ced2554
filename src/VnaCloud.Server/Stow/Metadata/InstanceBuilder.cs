using VnaCloud.Archive;
using VnaCloud.Dicom;
using VnaCloud.Server.Stow.Wrapping;

namespace VnaCloud.Server.Stow.Metadata;

/// <summary>A file put together, or why it could not be.</summary>
internal readonly record struct BuiltInstance(IReadOnlyList<EncodedPiece> Pieces, StoreResult? Failure);

/// <summary>Makes PS3.10 files of metadata and the bulk data in the spool.</summary>
internal sealed class InstanceBuilder(Spool spool, BulkParts bulk, string? study)
{
    /// <summary>Names this software as the writer of the file (PS3.7 D.3.3.2).</summary>
    private const string ImplementationClassUid = "2.25.306146541338230516155424302325712219157";

    private readonly Identifiers _identifiers = new(study);

    /// <summary>Explicit VR Little Endian, or what the pixel data came in.</summary>
    public BuiltInstance Build(MetadataDocument document)
    {
        var values = new BulkValues(spool, bulk);
        var dataSet = document.Read(values.Element);
        var hint = dataSet.String(DicomTags.TransferSyntaxUID);
        RemoveForeignGroups(dataSet);
        try
        {
            if (values.Fault is { } fault)
            {
                throw fault;
            }
            var syntax = TransferSyntax.ExplicitVrLittleEndian;
            if (values.Pixels is { } pixels)
            {
                var value = new PixelValue(spool, pixels, hint);
                syntax = value.Set(dataSet);
                ImageWrapping.Complete(dataSet, value, _identifiers);
            }
            else if (values.Document is { } file)
            {
                DocumentWrapping.Complete(dataSet, spool, file, _identifiers);
            }
            if (values.HasFragments && !syntax.IsEncapsulated)
            {
                throw new BulkFaultException(FailureReason.CannotUnderstand, "Pixel data within a sequence is compressed, though the instance's own is not.");
            }
            return new BuiltInstance(DicomWriter.EncodeFile(FileMeta(dataSet), dataSet, syntax), null);
        }
        catch (BulkFaultException wrong)
        {
            return new BuiltInstance([], Failed(dataSet, wrong));
        }
    }

    // They belong to messages, files and DICOMDIRs (PS3.5 section 7.1); File Meta Information is written anew.
    private static void RemoveForeignGroups(DicomDataSet dataSet)
    {
        foreach (var tag in dataSet.Select(element => element.Tag).Where(tag => tag.Group is 0x0000 or 0x0002 or 0x0006).ToList())
        {
            dataSet.Remove(tag);
        }
    }

    private static DicomDataSet FileMeta(DicomDataSet dataSet) => new DicomDataSet()
        .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, Uid(dataSet, DicomTags.SOPClassUID))
        .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, Uid(dataSet, DicomTags.SOPInstanceUID))
        .Set(DicomTags.ImplementationClassUID, DicomVr.UI, ImplementationClassUid);

    private static StoreResult Failed(DicomDataSet dataSet, BulkFaultException wrong) => new()
    {
        SopClassUid = Uid(dataSet, DicomTags.SOPClassUID),
        SopUid = Uid(dataSet, DicomTags.SOPInstanceUID),
        SeriesUid = Uid(dataSet, DicomTags.SeriesInstanceUID),
        StudyUid = Uid(dataSet, DicomTags.StudyInstanceUID),
        Failure = wrong.Reason,
        Comment = wrong.Message,
    };

    private static string Uid(DicomDataSet dataSet, DicomTag tag) => dataSet.String(tag).Trim(' ', '\0');
}

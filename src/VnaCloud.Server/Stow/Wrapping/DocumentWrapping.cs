using System.Buffers.Binary;
using VnaCloud.Dicom;
using VnaCloud.Server.Stow.Metadata;

namespace VnaCloud.Server.Stow.Wrapping;

/// <summary>Encapsulated documents (PS3.3 sections A.45, A.85 and C.24.2): what the file's media type and length say.</summary>
internal static class DocumentWrapping
{
    private const string Pdf = "application/pdf";
    private const string Root = "1.2.840.10008.5.1.4.1.1.104";

    public static void Complete(DicomDataSet dataSet, Spool spool, BulkPart file, Identifiers identifiers)
    {
        if (KindOf(file.MediaType) is not var (sopClass, modality))
        {
            return;
        }
        IodAttributes.Require(dataSet, DicomTags.MIMETypeOfEncapsulatedDocument, DicomVr.LO, file.MediaType);
        if (dataSet[DicomTags.SOPClassUID] is not { IsEmpty: false })
        {
            Check(spool, file);
            dataSet.Set(DicomTags.SOPClassUID, DicomVr.UI, sopClass);
            CompleteIod(dataSet, modality, identifiers);
        }
        if (dataSet[DicomTags.EncapsulatedDocumentLength] is not { IsEmpty: false })
        {
            // Else a reader takes the byte that pads to even length for a part of the document.
            var length = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)file.Range.Length);
            dataSet.Set(new DicomElement(DicomTags.EncapsulatedDocumentLength, DicomVr.UL, length));
        }
        identifiers.Complete(dataSet);
    }

    private static (string SopClass, string Modality)? KindOf(string mediaType) => mediaType switch
    {
        Pdf => ($"{Root}.1", "DOC"),
        "model/stl" => ($"{Root}.3", "M3D"),
        "model/obj" => ($"{Root}.4", "M3D"),
        "model/mtl" => ($"{Root}.5", "M3D"),
        _ => null,
    };

    private static void Check(Spool spool, BulkPart file)
    {
        if (file.MediaType == Pdf && !new SpoolReader(spool, file.Range).StartsWith("%PDF-"u8))
        {
            throw BulkFaultException.Unreadable("The part is not PDF: it does not begin with %PDF-.");
        }
    }

    private static void CompleteIod(DicomDataSet dataSet, string modality, Identifiers identifiers)
    {
        IodAttributes.CompleteCommon(dataSet, modality);
        IodAttributes.Allow(dataSet, DicomTags.AcquisitionDateTime, DicomTags.DocumentTitle, DicomTags.ConceptNameCodeSequence);
        IodAttributes.Require(dataSet, DicomTags.SeriesNumber, DicomVr.IS, "1");
        IodAttributes.Require(dataSet, DicomTags.InstanceNumber, DicomVr.IS, identifiers.NextNumber);
        // Nobody has looked: then it has to be taken for granted.
        IodAttributes.Require(dataSet, DicomTags.BurnedInAnnotation, DicomVr.CS, "YES");
        if (modality == "M3D")
        {
            IodAttributes.Require(dataSet, DicomTags.FrameOfReferenceUID, DicomVr.UI, Identifiers.New);
            IodAttributes.Allow(dataSet, DicomTags.PositionReferenceIndicator);
            return;
        }
        IodAttributes.Require(dataSet, DicomTags.ConversionType, DicomVr.CS, "WSD");
    }
}

using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Spool;

/// <summary>The File Meta Information of a received object (PS3.10 7.1), made from the association: a data set of DIMSE has none.</summary>
internal static class FileMeta
{
    private const string Implementation = "2.25.306146541338230516155424302325712219158";
    private const int LongestAeTitle = 16;

    public static byte[] Encode(ReceivedFrom from)
    {
        var meta = new DicomDataSet()
            .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, from.SopClassUid)
            .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, from.SopInstanceUid)
            .Set(DicomTags.ImplementationClassUID, DicomVr.UI, Implementation)
            .Set(DicomTags.ImplementationVersionName, DicomVr.SH, "VNACLOUD");
        // Where it comes from, who sent it and whom it was sent to: without a router in between the first two are the same.
        SetAe(meta, DicomTags.SourceApplicationEntityTitle, from.CallingAe);
        SetAe(meta, DicomTags.SendingApplicationEntityTitle, from.CallingAe);
        SetAe(meta, DicomTags.ReceivingApplicationEntityTitle, from.CalledAe);
        return DicomWriter.EncodeFileMeta(meta, TransferSyntax.Get(from.TransferSyntaxUid));
    }

    // Blank titles and such with control characters are met; what is not an AE title (PS3.5 section 6.2) is left out.
    private static void SetAe(DicomDataSet meta, DicomTag tag, string title)
    {
        var clean = string.Concat(title.Where(character => character is >= ' ' and <= '~' and not '\\')).Trim();
        if (clean.Length > 0)
        {
            meta.Set(tag, DicomVr.AE, clean.Length <= LongestAeTitle ? clean : clean[..LongestAeTitle]);
        }
    }
}

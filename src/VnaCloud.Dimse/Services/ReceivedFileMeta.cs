using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>The File Meta Information of a received object (PS3.10 7.1), made from the association: a data set of DIMSE has none.</summary>
public static class ReceivedFileMeta
{
    private const string Implementation = "2.25.306146541338230516155424302325712219158";
    private const int LongestAeTitle = 16;

    /// <summary>Preamble, prefix and group 0002.</summary>
    /// <param name="instance">What the C-STORE request names.</param>
    /// <param name="transferSyntaxUid">Of the presentation context.</param>
    /// <param name="callingAe">Who sent it.</param>
    /// <param name="calledAe">Whom it was sent to.</param>
    public static byte[] Encode(StoreInstance instance, string transferSyntaxUid, string callingAe, string calledAe)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(callingAe);
        ArgumentNullException.ThrowIfNull(calledAe);
        var meta = new DicomDataSet()
            .Set(DicomTags.MediaStorageSOPClassUID, DicomVr.UI, instance.SopClassUid)
            .Set(DicomTags.MediaStorageSOPInstanceUID, DicomVr.UI, instance.SopInstanceUid)
            .Set(DicomTags.ImplementationClassUID, DicomVr.UI, Implementation)
            .Set(DicomTags.ImplementationVersionName, DicomVr.SH, "VNACLOUD");
        // Where it comes from, who sent it and whom it was sent to: without a router in between the first two are the same.
        SetAe(meta, DicomTags.SourceApplicationEntityTitle, callingAe);
        SetAe(meta, DicomTags.SendingApplicationEntityTitle, callingAe);
        SetAe(meta, DicomTags.ReceivingApplicationEntityTitle, calledAe);
        return DicomWriter.EncodeFileMeta(meta, TransferSyntax.Get(transferSyntaxUid));
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

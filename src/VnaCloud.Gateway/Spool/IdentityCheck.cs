using VnaCloud.Dicom;

namespace VnaCloud.Gateway.Spool;

/// <summary>Whether a data set is what its C-STORE request says, and has what the archive files it by.</summary>
internal static class IdentityCheck
{
    /// <summary>Why not; null when it is.</summary>
    public static (ReceiveState State, string Comment)? Find(DicomReader reader, ReceivedFrom from, long metaBytes)
    {
        if (reader.DataSetOffset != metaBytes)
        {
            return (ReceiveState.CannotUnderstand, "Data set begins with File Meta Information (group 0002)");
        }
        var data = reader.DataSet;
        foreach (var (tag, name) in new[]
        {
            (DicomTags.SOPInstanceUID, "SOP Instance UID (0008,0018)"),
            (DicomTags.SOPClassUID, "SOP Class UID (0008,0016)"),
            (DicomTags.StudyInstanceUID, "Study Instance UID (0020,000D)"),
            (DicomTags.SeriesInstanceUID, "Series Instance UID (0020,000E)"),
        })
        {
            var uid = ObjectFacts.Uid(data, tag);
            if (uid.Length == 0)
            {
                return (ReceiveState.CannotUnderstand, $"{name} missing or empty");
            }
            if (!(tag == DicomTags.SOPInstanceUID ? DicomUid.IsTolerated(uid) : DicomUid.IsValid(uid)))
            {
                return (ReceiveState.CannotUnderstand, $"{name} is not a UID");
            }
        }
        if (ObjectFacts.Uid(data, DicomTags.SOPInstanceUID) != from.SopInstanceUid)
        {
            return (ReceiveState.DataSetMismatch, "SOP Instance UID differs from the request's");
        }
        return ObjectFacts.Uid(data, DicomTags.SOPClassUID) != from.SopClassUid ? (ReceiveState.DataSetMismatch, "SOP Class UID differs from the request's") : null;
    }
}

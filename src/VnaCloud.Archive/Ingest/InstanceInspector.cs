using VnaCloud.Dicom;

namespace VnaCloud.Archive;

/// <summary>Looks at a data set that was read: may it be stored, and with what warning?</summary>
internal static class InstanceInspector
{
    private const string MediaStorageDirectory = "1.2.840.10008.1.3.10";

    /// <summary>What was found so far, for the answer.</summary>
    public static StoreResult Identify(DicomReader reader) => new()
    {
        SopClassUid = Uid(reader.DataSet, DicomTags.SOPClassUID),
        SopUid = Uid(reader.DataSet, DicomTags.SOPInstanceUID),
        SeriesUid = Uid(reader.DataSet, DicomTags.SeriesInstanceUID),
        StudyUid = Uid(reader.DataSet, DicomTags.StudyInstanceUID),
    };

    /// <summary>A UID as it identifies: padding trimmed, whatever the padding is.</summary>
    public static string Uid(DicomDataSet dataSet, DicomTag tag) => dataSet.String(tag).Trim(' ', '\0');

    /// <summary>Maps unreadable bytes to a failure reason.</summary>
    public static StoreResult Unreadable(DicomReader reader, DicomFormatException fault) => Identify(reader) with
    {
        Failure = fault.Fault switch
        {
            DicomFault.InflateLimitExceeded => FailureReason.OutOfResources,
            DicomFault.LimitExceeded => FailureReason.ProcessingFailure,
            _ when !reader.TransferSyntax.IsKnown => FailureReason.TransferSyntaxNotSupported,
            _ => FailureReason.CannotUnderstand,
        },
        Comment = fault.Message,
    };

    /// <summary>Checks what identifies; a failure, or the result to go on with.</summary>
    public static StoreResult CheckIdentity(DicomReader reader, string? expectedStudy)
    {
        var result = Identify(reader);
        if ((reader.Warnings & (DicomReadWarnings.MissingPreamble | DicomReadWarnings.MissingFileMeta)) != 0)
        {
            return Fail(result, FailureReason.CannotUnderstand, "The part is not a PS3.10 file: preamble, prefix and File Meta Information are required.");
        }
        var metaClass = Uid(reader.FileMeta, DicomTags.MediaStorageSOPClassUID);
        if (result.SopClassUid == MediaStorageDirectory || metaClass == MediaStorageDirectory)
        {
            return Fail(result, FailureReason.SopClassNotSupported, "A DICOMDIR is not an instance: send the files that it lists.");
        }
        if (result.SopClassUid.Length == 0 && metaClass.Length > 0)
        {
            return Fail(result, FailureReason.MissingAttribute, "SOP Class UID (0008,0016) is missing or empty, though the File Meta Information has one.");
        }
        // Without any class an instance is stored, with a warning: anonymisers write such files.
        if (result.SopClassUid.Length > 0 && !DicomUid.IsValid(result.SopClassUid))
        {
            return Fail(result, FailureReason.InvalidAttributeValue, "SOP Class UID (0008,0016) is not a UID.");
        }
        foreach (var (value, name, invalid) in new[]
        {
            (result.SopUid, "SOP Instance UID (0008,0018)", FailureReason.InvalidSopInstance),
            (result.StudyUid, "Study Instance UID (0020,000D)", FailureReason.InvalidAttributeValue),
            (result.SeriesUid, "Series Instance UID (0020,000E)", FailureReason.InvalidAttributeValue),
        })
        {
            if (value.Length == 0)
            {
                return Fail(result, FailureReason.MissingAttribute, $"{name} is missing or empty.");
            }
            if (!(invalid == FailureReason.InvalidSopInstance ? DicomUid.IsTolerated(value) : DicomUid.IsValid(value)))
            {
                return Fail(result, invalid, $"{name} is not a UID.");
            }
        }
        if (reader.DataSet[DicomTags.Rows] is { IsEmpty: false, Vr: not DicomVr.US } || reader.DataSet[DicomTags.Columns] is { IsEmpty: false, Vr: not DicomVr.US })
        {
            return Fail(result, FailureReason.InvalidAttributeValue, "Rows (0028,0010) and Columns (0028,0011) are US.");
        }
        return expectedStudy is not null && expectedStudy != result.StudyUid
            ? Fail(result, FailureReason.StudyMismatch, "Study Instance UID (0020,000D) is not the study of the request.")
            : result;
    }

    /// <summary>Adds warnings to a result that will be stored.</summary>
    public static StoreResult AddWarnings(StoreResult result, DicomReader reader, FrameLocations frames)
    {
        var invalid = AttributeChecks.Find(reader.DataSet);
        if (invalid.Count > 0)
        {
            result = result with { InvalidAttributes = invalid, Warning = WarningReason.DataSetMismatch, Comment = "Some attributes have values that their VR does not allow." };
        }
        if (!frames.IsConsistent)
        {
            return Warn(result, WarningReason.DataSetMismatch, "Rows, Columns, Number of Frames or Bits Allocated do not fit the pixel data.");
        }
        if (result.SopClassUid.Length == 0)
        {
            return Warn(result, WarningReason.DataSetMismatch, "SOP Class UID (0008,0016) is missing or empty.");
        }
        if (result.SopUid.Length > DicomUid.MaxLength)
        {
            return Warn(result, WarningReason.DataSetMismatch, $"SOP Instance UID (0008,0018) is longer than {DicomUid.MaxLength} characters.");
        }
        if (MetaDiffers(reader))
        {
            return Warn(result, WarningReason.DataSetMismatch, "The File Meta Information names another SOP instance or class; the data set counts.");
        }
        if ((reader.Warnings & (DicomReadWarnings.ForeignGroup | DicomReadWarnings.StrayDelimiter)) != 0)
        {
            return Warn(result, WarningReason.ElementsDiscarded, "Elements that do not belong in a data set are left out of the metadata.");
        }
        return AttributeChecks.HasInvalidText(reader.DataSet)
            ? Warn(result, WarningReason.Coercion, "Text is not valid in its Specific Character Set (0008,0005).")
            : result;
    }

    private static bool MetaDiffers(DicomReader reader)
    {
        var instance = Uid(reader.FileMeta, DicomTags.MediaStorageSOPInstanceUID);
        var sopClass = Uid(reader.FileMeta, DicomTags.MediaStorageSOPClassUID);
        return (instance.Length > 0 && instance != Uid(reader.DataSet, DicomTags.SOPInstanceUID))
            || (sopClass.Length > 0 && sopClass != Uid(reader.DataSet, DicomTags.SOPClassUID));
    }

    private static StoreResult Fail(StoreResult result, FailureReason reason, string comment) => result with { Failure = reason, Comment = comment };

    private static StoreResult Warn(StoreResult result, WarningReason reason, string comment) => result with { Warning = reason, Comment = comment };
}

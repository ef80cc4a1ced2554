using VnaCloud.Dicom;

namespace VnaCloud.Dimse;

/// <summary>Command sets of responses (PS3.7 sections 9.3 and 10.3).</summary>
internal static class Responses
{
    public static bool IsKnown(CommandField field) => Enum.IsDefined(field);

    public static bool NeedsDataSet(CommandField field) =>
        field is CommandField.CStoreRequest or CommandField.CFindRequest or CommandField.CMoveRequest or CommandField.CGetRequest;

    public static CommandSet Command(CommandSet request, DimseResponse response)
    {
        var comment = new string([.. response.ErrorComment.Take(DimseResponse.MaxErrorComment).Select(c => c is >= ' ' and <= '~' and not '\\' ? c : '?')]);
        var sub = response.SubOperations;
        return new CommandSet()
            .With(DicomTags.AffectedSOPClassUID, request.SopClassUid)
            .With(DicomTags.CommandField, (ushort)((ushort)request.Field | 0x8000))
            .With(DicomTags.MessageIDBeingRespondedTo, request.MessageId)
            .With(DicomTags.CommandDataSetType, response.DataSet is null ? CommandSet.NoDataSet : (ushort)0)
            .With(DicomTags.Status, response.Status.Code)
            .With(DicomTags.ErrorComment, comment, ' ')
            .With(DicomTags.ErrorID, response.ErrorId)
            .With(DicomTags.AffectedSOPInstanceUID, response.AffectedSopInstanceUid ?? request.SopInstanceUid)
            .With(DicomTags.EventTypeID, request.Number(DicomTags.EventTypeID))
            .With(DicomTags.ActionTypeID, request.Number(DicomTags.ActionTypeID))
            .With(DicomTags.NumberOfRemainingSuboperations, sub?.Remaining)
            .With(DicomTags.NumberOfCompletedSuboperations, sub?.Completed)
            .With(DicomTags.NumberOfFailedSuboperations, sub?.Failed)
            .With(DicomTags.NumberOfWarningSuboperations, sub?.Warning);
    }
}

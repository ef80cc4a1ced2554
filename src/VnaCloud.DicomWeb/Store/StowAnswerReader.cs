using VnaCloud.Dicom;

namespace VnaCloud.DicomWeb;

/// <summary>Reads the Store Instances Response Module (PS3.18 Annex I).</summary>
internal static class StowAnswerReader
{
    public static StowAnswer Read(int status, DicomDataSet module, IReadOnlyList<OutgoingInstance> sent)
    {
        var bySop = new Dictionary<string, InstanceOutcome>(StringComparer.Ordinal);
        foreach (var item in module.Items(DicomTags.ReferencedSOPSequence))
        {
            var warning = Code(item, DicomTags.WarningReason);
            bySop[Sop(item)] = new InstanceOutcome(warning == 0 ? StoreState.Stored : StoreState.StoredWithWarning, warning, Comment(item));
        }
        // Named as stored and as failed: only what is certain counts.
        foreach (var item in module.Items(DicomTags.FailedSOPSequence))
        {
            bySop[Sop(item)] = Failure(item);
        }
        return new StowAnswer(
            status,
            [.. sent.Select(instance => bySop.GetValueOrDefault(instance.SopInstanceUid, new InstanceOutcome(StoreState.NotNamed)))],
            [.. module.Items(DicomTags.OtherFailuresSequence).Select(Failure)]);
    }

    private static InstanceOutcome Failure(DicomDataSet item) => new(StoreState.Failed, Code(item, DicomTags.FailureReason), Comment(item));

    private static string Sop(DicomDataSet item) => item.String(DicomTags.ReferencedSOPInstanceUID).Trim(' ', '\0');

    private static ushort Code(DicomDataSet item, DicomTag tag) => item.Integer(tag) is { } code and >= 0 and <= ushort.MaxValue ? (ushort)code : (ushort)0;

    // Group 0000 is no data set's in PS3.10, but this module has it.
    private static string Comment(DicomDataSet item) => item.String(DicomTags.ErrorComment) is { Length: <= 1024 } comment ? comment : "";
}

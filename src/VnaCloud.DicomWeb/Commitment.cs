using VnaCloud.Dicom;

namespace VnaCloud.DicomWeb;

/// <summary>An instance whose safekeeping is asked about.</summary>
/// <param name="SopClassUid">Its SOP class.</param>
/// <param name="SopInstanceUid">Its UID.</param>
public readonly record struct CommitmentReference(string SopClassUid, string SopInstanceUid);

/// <summary>The Storage Commitment Response Module (PS3.18 Table J.2-1).</summary>
/// <param name="IsDone">False: the service is still at it, ask later.</param>
/// <param name="Committed">SOP Instance UIDs that the service answers for.</param>
/// <param name="Failed">Failure Reason (0008,1197) by SOP Instance UID of those it does not.</param>
public sealed record CommitmentAnswer(bool IsDone, IReadOnlySet<string> Committed, IReadOnlyDictionary<string, ushort> Failed)
{
    internal static CommitmentAnswer Working { get; } = new(false, new HashSet<string>(), new Dictionary<string, ushort>());

    internal static CommitmentAnswer Read(DicomDataSet module)
    {
        var failed = new Dictionary<string, ushort>(StringComparer.Ordinal);
        foreach (var item in module.Items(DicomTags.FailedSOPSequence))
        {
            failed[item.String(DicomTags.ReferencedSOPInstanceUID)] = item.Integer(DicomTags.FailureReason) is { } reason and > 0 and <= ushort.MaxValue ? (ushort)reason : (ushort)0x0110;
        }
        // Named as committed and as failed: only what is certain counts.
        var committed = module.Items(DicomTags.ReferencedSOPSequence).Select(item => item.String(DicomTags.ReferencedSOPInstanceUID)).Where(uid => !failed.ContainsKey(uid));
        return new CommitmentAnswer(true, committed.ToHashSet(StringComparer.Ordinal), failed);
    }
}

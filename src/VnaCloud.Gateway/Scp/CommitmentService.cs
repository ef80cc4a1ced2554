using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Remotes;
using VnaCloud.Gateway.Scp.Commitment;

namespace VnaCloud.Gateway.Scp;

/// <summary>
/// N-ACTION of storage commitment (PS3.4 J.3.2): success means that the request is on the disk, and nothing of the instances. What they are worth is the archive's
/// word, which <see cref="CommitmentReporter"/> asks for and reports.
/// </summary>
internal sealed partial class CommitmentService(CommitmentLog log, CommitmentReporter reporter, RemoteAes remotes, TimeProvider time, ILogger<CommitmentService> logger)
{
    /// <summary>Instances of one request.</summary>
    public const int MostInstances = 20_000;

    private const ushort RequestCommitment = 1;

    public async Task<DimseResponse> ActionAsync(RemoteAe remote, DimseRequest request)
    {
        var command = request.Command;
        if (command.SopClassUid != SopClasses.StorageCommitment)
        {
            return new DimseResponse(DimseStatus.NoSuchSopClass, "Only storage commitment has actions here");
        }
        if (command.SopInstanceUid != SopClasses.StorageCommitmentInstance)
        {
            return new DimseResponse(DimseStatus.NoSuchSopInstance, "Not the well-known instance of storage commitment");
        }
        if (command.TypeId != RequestCommitment)
        {
            return new DimseResponse(DimseStatus.NoSuchActionType, "Action type 1 requests commitment");
        }
        if (!remote.MayStore)
        {
            return new DimseResponse(DimseStatus.NotAuthorized, "This application entity may not store");
        }
        if (remote.CommitmentReports != CommitmentReports.NextAssociation && remotes.Callable(remote.AeTitle) is null)
        {
            return new DimseResponse(DimseStatus.ProcessingFailure, "No host to report to: set one in Gateway:RemoteAes");
        }
        var (record, refusal) = Read(await request.ReadDataSetAsync(), remote);
        if (record is null)
        {
            return refusal!;
        }
        if (!log.Put(record))
        {
            return new DimseResponse(DimseStatus.ResourceLimitation, "Too many requests are open; ask again later");
        }
        Log.Asked(logger, remote.AeTitle, record.TransactionUid, record.Items.Count);
        reporter.Connected(request.Association);
        return DimseResponse.Success;
    }

    private (CommitmentRecord? Record, DimseResponse? Refusal) Read(DicomDataSet information, RemoteAe remote)
    {
        var transaction = information.String(DicomTags.TransactionUID);
        if (!DicomUid.IsTolerated(transaction))
        {
            return Invalid("Transaction UID (0008,1195) is missing or no UID");
        }
        var items = information.Items(DicomTags.ReferencedSOPSequence)
            .Select(item => new CommitmentItem(item.String(DicomTags.ReferencedSOPClassUID), item.String(DicomTags.ReferencedSOPInstanceUID))).ToList();
        if (items.Count is 0 or > MostInstances)
        {
            return Invalid($"Referenced SOP Sequence must have 1 to {MostInstances} items");
        }
        return items.TrueForAll(item => DicomUid.IsTolerated(item.SopClassUid) && DicomUid.IsTolerated(item.SopInstanceUid))
            ? (new CommitmentRecord { TransactionUid = transaction, RemoteAe = remote.AeTitle, At = time.GetUtcNow(), Items = items }, null)
            : Invalid("A reference lacks its SOP Class or SOP Instance UID");
    }

    private static (CommitmentRecord?, DimseResponse) Invalid(string why) => (null, new DimseResponse(DimseStatus.InvalidArgumentValue, why));

    private static partial class Log
    {
        [LoggerMessage(4231, LogLevel.Information, "{RemoteAe} asks for commitment {Transaction} to {Count} instances")]
        public static partial void Asked(ILogger logger, string remoteAe, string transaction, int count);
    }
}

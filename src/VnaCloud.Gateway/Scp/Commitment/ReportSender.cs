using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Remotes;
using VnaCloud.Gateway.Scp.Retrieve;

namespace VnaCloud.Gateway.Scp.Commitment;

/// <summary>N-EVENT-REPORT of storage commitment (PS3.4 J.3.3), over the association that the device has open, or over one of the gateway's.</summary>
internal sealed partial class ReportSender(RemoteAes remotes, Destinations destinations, ILogger<ReportSender> logger)
{
    private const ushort AllCommitted = 1;
    private const ushort SomeFailed = 2;

    /// <summary>Whether the device has taken the report.</summary>
    public async Task<bool> SendAsync(CommitmentRecord record, DimseAssociation? open, CancellationToken cancellation)
    {
        var how = remotes.ReportsTo(record.RemoteAe);
        if (open is not null && !open.Completion.IsCompleted && how != CommitmentReports.NewAssociation && await TryReportAsync(open, record, cancellation))
        {
            return true;
        }
        // The device may release at any time: then by a new association.
        if (how == CommitmentReports.NextAssociation || remotes.Callable(record.RemoteAe) is not { } remote)
        {
            return false;
        }
        try
        {
            await using var association = await destinations.ForReportAsync(remote, cancellation);
            var taken = await TryReportAsync(association, record, cancellation);
            await association.ReleaseAsync();
            return taken;
        }
        catch (AssociationException failed)
        {
            Log.Failed(logger, record.RemoteAe, record.TransactionUid, failed.Message);
            return false;
        }
    }

    private async Task<bool> TryReportAsync(DimseAssociation association, CommitmentRecord record, CancellationToken cancellation)
    {
        if (!association.Contexts.Any(context => context.AbstractSyntax == SopClasses.StorageCommitment))
        {
            Log.Failed(logger, record.RemoteAe, record.TransactionUid, "the device takes no storage commitment on this association");
            return false;
        }
        try
        {
            var instance = new SopInstance(SopClasses.StorageCommitment, SopClasses.StorageCommitmentInstance);
            var type = record.Items.Any(item => item.Failure != 0) ? SomeFailed : AllCommitted;
            var response = await association.EventReportAsync(instance, type, Information(record), cancellation);
            if (!response.Status.IsSuccess)
            {
                Log.Failed(logger, record.RemoteAe, record.TransactionUid, $"the device answered {response.Status}");
            }
            return response.Status.IsSuccess;
        }
        catch (AssociationException lost)
        {
            Log.Failed(logger, record.RemoteAe, record.TransactionUid, lost.Message);
            return false;
        }
    }

    // All instances of the request, committed or failed (B51).
    private static DicomDataSet Information(CommitmentRecord record) => new DicomDataSet()
        .Set(DicomTags.TransactionUID, DicomVr.UI, record.TransactionUid)
        .AddSequence(DicomTags.ReferencedSOPSequence, record.Items.Where(item => item.Failure == 0), Reference)
        .AddSequence(DicomTags.FailedSOPSequence, record.Items.Where(item => item.Failure != 0), Reference);

    private static DicomDataSet Reference(DicomDataSet target, CommitmentItem item)
    {
        target.Set(DicomTags.ReferencedSOPClassUID, DicomVr.UI, item.SopClassUid).Set(DicomTags.ReferencedSOPInstanceUID, DicomVr.UI, item.SopInstanceUid);
        return item.Failure == 0 ? target : target.Set(DicomTags.FailureReason, item.Failure);
    }

    private static partial class Log
    {
        [LoggerMessage(4235, LogLevel.Warning, "The report of commitment {Transaction} did not get to {RemoteAe}: {Reason}")]
        public static partial void Failed(ILogger logger, string remoteAe, string transaction, string reason);
    }
}

using System.Diagnostics;
using System.Globalization;
using VnaCloud.Dicom;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Scp;

/// <summary>C-STORE: from the socket into the spool. Success is answered when the object is on the disk, never before (PS3.4 B.2.2).</summary>
internal sealed class StoreService(ObjectSpool spool, AssociationTraces traces)
{
    public async Task<DimseResponse> StoreAsync(DimseRequest request, CancellationToken cancellation)
    {
        var command = request.Command;
        using var activity = GatewayActivity.Root("C-STORE", ActivityKind.Server, [traces.Of(request.Association)]);
        if (command.SopClassUid != request.Context.AbstractSyntax)
        {
            return new DimseResponse(DimseStatus.SopClassNotSupported, "Affected SOP Class UID is not that of the presentation context");
        }
        if (!DicomUid.IsTolerated(command.SopInstanceUid))
        {
            return new DimseResponse(DimseStatus.InvalidSopInstance, "Affected SOP Instance UID is missing or no UID");
        }
        var association = request.Association;
        var from = new ReceivedFrom(association.CallingAeTitle, association.CalledAeTitle, command.SopClassUid, command.SopInstanceUid, request.Context.TransferSyntax)
        {
            Peer = association.Remote.Address.ToString(),
        };
        var outcome = await spool.ReceiveAsync(from, request.Data, cancellation);
        activity?.SetTag("vna.gateway.receipt", outcome.Receipt.ToString()).SetTag("vna.dimse.status", outcome.DimseStatus.ToString("X4", CultureInfo.InvariantCulture))
            .SetStatus(outcome.State == ReceiveState.Stored ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
        return new DimseResponse(new DimseStatus(outcome.DimseStatus), outcome.Comment);
    }
}

using System.Net;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Scp.Commitment;

namespace VnaCloud.Gateway.Scp;

/// <summary>What the ports tell of associations: to the log, the meters, and whoever owes a device a report.</summary>
internal sealed partial class PortEvents(CommitmentReporter reporter, ScpMeter meter, AssociationTraces traces, RefusalLog refusals, ILogger<DimsePort> logger)
{
    public DimseEvents All => new()
    {
        Established = association =>
        {
            meter.Established(association);
            traces.Established(association);
            foreach (var refused in association.RefusedContexts.Select(context => context.AbstractSyntax).Distinct().Where(uid => SopClasses.Query(uid) is null && uid != SopClasses.StorageCommitment))
            {
                // What a device cannot store is lost without a word unless somebody sees this.
                Log.ContextRefused(logger, AeTitle.Printable(association.CallingAeTitle), refused);
            }
            if (association.Contexts.Any(context => context.AbstractSyntax == SopClasses.StorageCommitment))
            {
                reporter.Connected(association);
            }
        },
        Rejected = (offer, reject) =>
        {
            meter.Rejected(reject);
            refusals.Refused(offer.Request.CallingAeTitle, offer.Request.CalledAeTitle, offer.Remote.Address, reject);
        },
        Ended = (association, end) =>
        {
            meter.Ended(end);
            traces.Ended(association, end);
            Log.Ended(logger, AeTitle.Printable(association.CallingAeTitle), association.Remote.Address, end.Cause, end.Detail);
        },
        Dropped = (remote, end) =>
        {
            meter.Dropped();
            Log.Dropped(logger, remote.Address, end.Cause, end.Detail);
        },
        HandlerFailed = (request, error) => Log.HandlerFailed(logger, error, request.Field, AeTitle.Printable(request.Association.CallingAeTitle)),
        Failed = error => Log.PortFailed(logger, error),
    };

    private static partial class Log
    {
        [LoggerMessage(4101, LogLevel.Warning, "{CallingAe} offers SOP class {SopClass}, which is not taken: add it to PrivateSopClasses of Gateway:RemoteAes if its objects are to be stored")]
        public static partial void ContextRefused(ILogger logger, string callingAe, string sopClass);

        [LoggerMessage(4103, LogLevel.Information, "Association of {CallingAe} from {Address} ended: {Cause}, {Detail}")]
        public static partial void Ended(ILogger logger, string callingAe, IPAddress address, AssociationEndCause cause, string detail);

        [LoggerMessage(4104, LogLevel.Debug, "A connection from {Address} ended without association: {Cause}, {Detail}")]
        public static partial void Dropped(ILogger logger, IPAddress address, AssociationEndCause cause, string detail);

        [LoggerMessage(4105, LogLevel.Error, "{Field} of {CallingAe} failed")]
        public static partial void HandlerFailed(ILogger logger, Exception error, CommandField field, string callingAe);

        [LoggerMessage(4106, LogLevel.Error, "Taking connections failed")]
        public static partial void PortFailed(ILogger logger, Exception error);
    }
}

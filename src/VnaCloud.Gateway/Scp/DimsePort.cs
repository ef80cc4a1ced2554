using System.Net;
using System.Net.Sockets;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Hosting;
using VnaCloud.Gateway.Scp.Commitment;

namespace VnaCloud.Gateway.Scp;

/// <summary>The ports that devices connect to: clear, and with TLS where that is set up.</summary>
internal sealed partial class DimsePort : IHostedService, IAsyncDisposable
{
    private readonly List<DimseListener> _listeners = [];

    public DimsePort(DimseSettings settings, AssociationGate gate, CommitmentReporter reporter, ScpMeter meter, TimeProvider time, ILogger<DimsePort> logger)
    {
        var clear = new DimseListenerOptions
        {
            Address = IPAddress.Parse(settings.Address),
            Port = settings.Port,
            MaxAssociations = settings.MaxAssociations,
            ReservedAssociations = Math.Min(20, settings.MaxAssociations / 2),
            Timeouts = AssociationTimeouts.Default with { Idle = TimeSpan.FromSeconds(settings.IdleSeconds) },
            Events = Events(reporter, meter, logger),
            Time = time,
        };
        _listeners.Add(new DimseListener(clear, gate.DecideAsync));
        if (settings.TlsPort > 0)
        {
            _listeners.Add(new DimseListener(clear with { Port = settings.TlsPort, Tls = settings.Tls.ForListener() }, gate.DecideAsync));
        }
    }

    /// <summary>Where it listens: the clear port first.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listeners.Select(listener => listener.LocalEndPoint)];

    /// <summary>Associations that are open now.</summary>
    public int Associations => _listeners.Sum(listener => listener.Associations.Count);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners)
        {
            try
            {
                listener.Start();
            }
            catch (SocketException taken)
            {
                throw new StartRefusedException([$"DICOM associations cannot be taken: {taken.Message}. Stop the other program, or set Gateway:Dimse:Address and Gateway:Dimse:Port (or TlsPort) to what this machine has free."]);
            }
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_listeners.Select(listener => listener.StopAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }
    }

    private static DimseEvents Events(CommitmentReporter reporter, ScpMeter meter, ILogger logger) => new()
    {
        Established = association =>
        {
            meter.Established(association);
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
            Log.Rejected(logger, AeTitle.Printable(offer.Request.CallingAeTitle), AeTitle.Printable(offer.Request.CalledAeTitle), offer.Remote.Address, reject);
        },
        Ended = (association, end) =>
        {
            meter.Ended(end);
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

        [LoggerMessage(4102, LogLevel.Warning, "Refused {CallingAe} calling {CalledAe} from {Address}: {Reject}")]
        public static partial void Rejected(ILogger logger, string callingAe, string calledAe, IPAddress address, AssociateReject reject);

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

using System.Net;
using System.Net.Sockets;
using VnaCloud.Dimse;
using VnaCloud.Gateway.Hosting;

namespace VnaCloud.Gateway.Scp;

/// <summary>The ports that devices connect to: clear, and with TLS where that is set up.</summary>
internal sealed class DimsePort : IHostedService, IAsyncDisposable
{
    private readonly List<DimseListener> _listeners = [];

    public DimsePort(DimseSettings settings, AssociationGate gate, PortEvents events, TimeProvider time)
    {
        var clear = new DimseListenerOptions
        {
            Address = IPAddress.Parse(settings.Address),
            Port = settings.Port,
            MaxAssociations = settings.MaxAssociations,
            ReservedAssociations = Math.Min(20, settings.MaxAssociations / 2),
            Timeouts = AssociationTimeouts.Default with { Idle = TimeSpan.FromSeconds(settings.IdleSeconds) },
            Events = events.All,
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
}

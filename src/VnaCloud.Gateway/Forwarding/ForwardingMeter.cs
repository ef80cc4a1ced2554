using System.Diagnostics.Metrics;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>What forwarding counts.</summary>
internal sealed class ForwardingMeter : IDisposable
{
    private readonly Meter _meter = new(SpoolMeter.Name);
    private readonly Counter<long> _objects;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;

    public ForwardingMeter()
    {
        _objects = _meter.CreateCounter<long>("vna.gateway.forwarded.objects", "{object}", "Objects that a destination confirmed.");
        _bytes = _meter.CreateCounter<long>("vna.gateway.forwarded.bytes", "By", "Bytes of objects that a destination confirmed.");
        _failures = _meter.CreateCounter<long>("vna.gateway.forward.failures", "{failure}", "Requests and instances that failed, by kind.");
    }

    public void Forwarded(string destination, long bytes)
    {
        var tag = new KeyValuePair<string, object?>("destination", destination);
        _objects.Add(1, tag);
        _bytes.Add(bytes, tag);
    }

    public void Failed(string destination, string kind) => _failures.Add(1, new("destination", destination), new("kind", kind));

    public void Observe(IReadOnlyCollection<Destination> destinations)
    {
        _meter.CreateObservableGauge("vna.gateway.connections", () => destinations.Select(destination =>
            new Measurement<int>(destination.InFlight, new KeyValuePair<string, object?>("destination", destination.Options.Name))), "{request}", "Requests under way.");
        _meter.CreateObservableGauge("vna.gateway.connections.limit", () => destinations.Select(destination =>
            new Measurement<int>(destination.Window.Limit, new KeyValuePair<string, object?>("destination", destination.Options.Name))), "{request}", "Requests that may be under way.");
    }

    public void Dispose() => _meter.Dispose();
}

using System.Diagnostics.Metrics;

namespace VnaCloud.Gateway.Spool;

/// <summary>What the spool counts.</summary>
internal sealed class SpoolMeter : IDisposable
{
    /// <summary>The name of the gateway's meter.</summary>
    public const string Name = "VnaCloud.Gateway";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _objects;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;

    public SpoolMeter()
    {
        _objects = _meter.CreateCounter<long>("vna.gateway.received.objects", "{object}", "Objects received, by outcome.");
        _bytes = _meter.CreateCounter<long>("vna.gateway.received.bytes", "By", "Bytes of objects that were stored.");
        _duration = _meter.CreateHistogram<double>("vna.gateway.received.duration", "s", "From the first byte to durable.");
    }

    public void Received(ReceiveState state, long bytes, TimeSpan duration)
    {
        _objects.Add(1, new KeyValuePair<string, object?>("outcome", state.ToString()));
        if (state == ReceiveState.Stored)
        {
            _bytes.Add(bytes);
            _duration.Record(duration.TotalSeconds);
        }
    }

    /// <summary>Values that are looked up when somebody asks.</summary>
    public void Observe(ObjectSpool spool)
    {
        _meter.CreateObservableGauge("vna.gateway.queue.objects", () => Lanes(spool, lane => lane.Objects), "{object}", "Objects that are not confirmed.");
        _meter.CreateObservableGauge("vna.gateway.queue.bytes", () => Lanes(spool, lane => lane.Bytes), "By", "Bytes that are not confirmed.");
        _meter.CreateObservableGauge("vna.gateway.quarantine.objects", () => spool.Quarantine.Count, "{object}", "Objects that wait for somebody.");
        _meter.CreateObservableGauge("vna.gateway.disk.free", spool.Space.FreeBytes, "By", "Free bytes of the spool's disk.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Lanes(ObjectSpool spool, Func<LaneState, long> value) =>
        from queue in spool.Queues
        from lane in queue.Lanes()
        select new Measurement<long>(value(lane), new("destination", queue.Name), new("lane", lane.Lane.ToString()));
}

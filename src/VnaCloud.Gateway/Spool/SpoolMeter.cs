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
        _duration = _meter.CreateHistogram<double>("vna.gateway.received.duration", "s", "From the first byte to durable.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
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
    public void Observe(ObjectSpool spool, SpoolOptions options, TimeProvider time)
    {
        _meter.CreateObservableGauge("vna.gateway.queue.objects", () => Lanes(spool, lane => lane.Objects), "{object}", "Objects that are not confirmed.");
        _meter.CreateObservableGauge("vna.gateway.queue.bytes", () => Lanes(spool, lane => lane.Bytes), "By", "Bytes that are not confirmed.");
        _meter.CreateObservableGauge("vna.gateway.queue.age", () => Lanes(spool, lane => lane.Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest.Time).TotalSeconds) : 0), "s", "For how long the oldest object waits that is not confirmed; 0 when there is none.");
        _meter.CreateObservableGauge("vna.gateway.quarantine.objects", () => spool.Quarantine.Count, "{object}", "Objects that wait for somebody.");
        _meter.CreateObservableGauge("vna.gateway.disk.free", spool.Space.FreeBytes, "By", "Free bytes of the spool's disk.");
        _meter.CreateObservableGauge("vna.gateway.disk.limit", () => options.MinFreeBytes, "By", "Free bytes below which objects are refused.");
        _meter.CreateObservableGauge("vna.gateway.ready", () => spool is { IsLoaded: true, NotReady: null } ? 1 : 0, null, "1 while objects are taken.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<T>> Lanes<T>(ObjectSpool spool, Func<LaneState, T> value) where T : struct =>
        from queue in spool.Queues
        from lane in queue.Lanes()
        select new Measurement<T>(value(lane), new("destination", queue.Name), new("lane", lane.Lane.ToString()));
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace VnaCloud.TestKit;

/// <summary>The instruments that the project's meters publish in this process.</summary>
public sealed class PublishedInstruments : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Instrument> _seen = new();

    public PublishedInstruments()
    {
        _listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("VnaCloud.", StringComparison.Ordinal))
            {
                _seen.TryAdd(instrument.Name, instrument);
            }
        };
        _listener.Start();
    }

    /// <summary>As rows of the table would name them; static meters are made now, used or not.</summary>
    public IReadOnlyList<string> Rows()
    {
        foreach (var meter in AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name is { } name && (name.StartsWith("VnaCloud.", StringComparison.Ordinal) || name.StartsWith("vnacloud-", StringComparison.Ordinal)))
            .SelectMany(assembly => assembly.GetTypes()).Where(type => type.Name.EndsWith("Meter", StringComparison.Ordinal)))
        {
            RuntimeHelpers.RunClassConstructor(meter.TypeHandle);
        }
        return [.. _seen.Values.Select(instrument => Row(instrument.Name, Kind(instrument), instrument.Unit ?? "", instrument.Description ?? "")).Order(StringComparer.Ordinal)];
    }

    /// <summary>The rows of the table for a service.</summary>
    public static IReadOnlyList<string> Documented(string service) =>
    [
        .. TelemetryTables.Metrics().Where(metric => metric.Service == service || metric.Service == "both")
            .Select(metric => Row(metric.Name, metric.Kind, metric.Unit, metric.Description)).Order(StringComparer.Ordinal),
    ];

    public void Dispose() => _listener.Dispose();

    private static string Row(string name, string kind, string unit, string description) => $"{name} | {kind} | {unit} | {description}";

    private static string Kind(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        return type.Contains("UpDown", StringComparison.Ordinal) ? "updown" : type.Contains("Counter", StringComparison.Ordinal) ? "counter"
            : type.Contains("Gauge", StringComparison.Ordinal) ? "gauge" : "histogram";
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using VnaCloud.Archive;

namespace VnaCloud.Storage;

/// <summary>What object stores, the read cache and the mirror measure.</summary>
internal static class StorageMeter
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "VnaCloud.Storage";

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Operations = Meter.CreateHistogram(
        "vna.storage.operation.duration", "s", "Calls of an object store, by operation, outcome and which of the stores it is.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => Operations.Enabled;

    public static void Done(string store, string operation, long started, Exception? failure) => Operations.Record(
        Stopwatch.GetElapsedTime(started).TotalSeconds, new("store", store), new("operation", operation), new("outcome", Outcome(failure)));

    /// <summary>Counters of a cache and a mirror, for as long as their storage is open.</summary>
    public static Meter Observe(CachedObjectStore? cache, MirroredObjectStore? mirror)
    {
        var meter = new Meter(Name);
        if (cache is not null)
        {
            meter.CreateObservableCounter("vna.storage.cache.hits", () => cache.Hits, "{block}", "Blocks read from the cache.");
            meter.CreateObservableCounter("vna.storage.cache.misses", () => cache.Misses, "{block}", "Blocks that had to be fetched before they were read.");
            meter.CreateObservableCounter("vna.storage.cache.damaged", () => cache.Damaged, "{block}", "Blocks that were not what had been put there: the cache's disk fails.");
            meter.CreateObservableUpDownCounter("vna.storage.cache.size", () => cache.Bytes, "By", "Bytes of the cache's file in use.");
        }
        if (mirror is not null)
        {
            meter.CreateObservableCounter("vna.storage.mirror.reads", () => mirror.ServedBySecondary, "{read}", "Reads that the second store answered because the first could not.");
            meter.CreateObservableGauge("vna.storage.mirror.primary_serving", () => mirror.IsPrimaryServing ? 1 : 0, null, "0 while the first store is not asked for reads.");
        }
        return meter;
    }

    private static string Outcome(Exception? failure) => failure switch
    {
        null => "ok",
        ObjectMissingException => "missing",
        ObjectExistsException => "exists",
        StoreUnavailableException => "unavailable",
        OperationCanceledException => "canceled",
        _ => "failed",
    };
}

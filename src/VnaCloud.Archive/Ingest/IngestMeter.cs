using System.Diagnostics.Metrics;

namespace VnaCloud.Archive;

/// <summary>What taking instances in counts and measures.</summary>
internal static class IngestMeter
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "VnaCloud.Archive";

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<long> BatchPacks = Meter.CreateHistogram(
        "vna.ingest.batch.packs", "{pack}", "Packs that one transaction of the index carried.", advice: Counts([1, 2, 4, 8, 16, 32, 64, 128, 256]));

    private static readonly Histogram<long> BatchInstances = Meter.CreateHistogram(
        "vna.ingest.batch.instances", "{instance}", "Instances that one transaction of the index carried.", advice: Counts([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]));

    private static readonly Histogram<double> Commits = Meter.CreateHistogram(
        "vna.ingest.commit.duration", "s", "Transactions of the index, with what their decisions need in the journal.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

    private static readonly Histogram<long> PackBytes = Meter.CreateHistogram(
        "vna.pack.size", "By", "Packs that were written by ingest.", advice: Counts([65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456, 1_073_741_824]));

    private static readonly Histogram<long> PackInstances = Meter.CreateHistogram(
        "vna.pack.instances", "{instance}", "Instances in packs that were written by ingest.", advice: Counts([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]));

    private static long _queued;

    static IngestMeter() => Meter.CreateObservableUpDownCounter("vna.ingest.queue", static () => Interlocked.Read(ref _queued), "{pack}", "Durable packs that wait for a transaction of the index.");

    public static void Queued(int packs) => Interlocked.Add(ref _queued, packs);

    public static void Taken(int packs, int instances)
    {
        Interlocked.Add(ref _queued, -packs);
        BatchPacks.Record(packs);
        BatchInstances.Record(instances);
    }

    public static void Committed(TimeSpan duration, Exception? failure) => Commits.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", failure switch
    {
        null => "ok",
        IndexUnavailableException => "unavailable",
        _ => "failed",
    }));

    public static void Written(PackCommit pack)
    {
        PackBytes.Record(pack.PackLength);
        PackInstances.Record(pack.Members.Count);
    }

    private static InstrumentAdvice<long> Counts(long[] boundaries) => new() { HistogramBucketBoundaries = boundaries };
}

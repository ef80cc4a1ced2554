using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VnaCloud.Imaging;

/// <summary>What codec workers do, by codec.</summary>
internal static class CodecMeter
{
    /// <summary>Name of the meter, and of the source of spans.</summary>
    public const string Name = "VnaCloud.Imaging";

    public static readonly ActivitySource Source = new(Name);

    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] };
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<double> Seconds = Meter.CreateCounter<double>("vna.codec.cpu", "s", "Processor time of codec workers.");
    private static readonly Counter<long> Frames = Meter.CreateCounter<long>("vna.codec.frames", "{frame}", "Frames decoded or encoded by workers.");
    private static readonly Counter<long> Lost = Meter.CreateCounter<long>("vna.codec.crashes", "{worker}", "Workers that crashed, hung or answered nonsense.");
    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("vna.codec.refused", "{frame}", "Frames that no worker was asked for: too many waited, too large, or one that ended workers before.");
    private static readonly Histogram<double> Waits = Meter.CreateHistogram("vna.codec.wait.duration", "s", "For how long frames waited for a worker.", advice: Durations);
    private static readonly Histogram<double> Jobs = Meter.CreateHistogram("vna.codec.job.duration", "s", "For how long a worker had a frame, by outcome.", advice: Durations);
    private static long _waiting;

    static CodecMeter() => Meter.CreateObservableUpDownCounter("vna.codec.waiting", static () => Interlocked.Read(ref _waiting), "{frame}", "Frames that wait for a worker.");

    public static void Cpu(in CodecJob job, TimeSpan cpu)
    {
        var codec = new KeyValuePair<string, object?>("codec", job.Kind.ToString());
        var operation = new KeyValuePair<string, object?>("operation", job.Encode ? "encode" : "decode");
        Frames.Add(1, codec, operation);
        Seconds.Add(cpu.TotalSeconds, codec, operation);
    }

    public static void Crash(in CodecJob job, string reason) =>
        Lost.Add(1, new KeyValuePair<string, object?>("codec", job.Kind.ToString()), new KeyValuePair<string, object?>("reason", reason));

    public static void Refused(string reason) => Refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static long Wait()
    {
        Interlocked.Increment(ref _waiting);
        return Stopwatch.GetTimestamp();
    }

    public static void Waited(long since)
    {
        Interlocked.Decrement(ref _waiting);
        Waits.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);
    }

    public static Activity? Begin(in CodecJob job, int bytes) => Source.StartActivity("codec job")?
        .SetTag("vna.codec", job.Kind.ToString()).SetTag("vna.codec.operation", job.Encode ? "encode" : "decode").SetTag("vna.codec.input.size", bytes);

    public static void Done(in CodecJob job, Activity? activity, long since, Exception? failure)
    {
        var outcome = failure switch { null => "ok", ImageException => "refused", CodecCrashException => "crashed", _ => "failed" };
        Jobs.Record(
            Stopwatch.GetElapsedTime(since).TotalSeconds, new("codec", job.Kind.ToString()), new("operation", job.Encode ? "encode" : "decode"), new("outcome", outcome));
        if (failure is not null)
        {
            activity?.SetTag("error.type", failure.GetType().Name).SetStatus(ActivityStatusCode.Error);
        }
    }
}

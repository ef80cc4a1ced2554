using System.Diagnostics.Metrics;

namespace VnaCloud.Imaging;

/// <summary>What codec workers do, by codec.</summary>
internal static class CodecMeter
{
    private static readonly Meter Meter = new("VnaCloud.Imaging");
    private static readonly Counter<double> Seconds = Meter.CreateCounter<double>("vna.codec.cpu", "s", "Processor time of codec workers.");
    private static readonly Counter<long> Frames = Meter.CreateCounter<long>("vna.codec.frames", "{frame}", "Frames decoded or encoded by workers.");
    private static readonly Counter<long> Lost = Meter.CreateCounter<long>("vna.codec.crashes", "{worker}", "Workers that crashed, hung or answered nonsense.");

    public static void Cpu(in CodecJob job, TimeSpan cpu)
    {
        var codec = new KeyValuePair<string, object?>("codec", job.Kind.ToString());
        var operation = new KeyValuePair<string, object?>("operation", job.Encode ? "encode" : "decode");
        Frames.Add(1, codec, operation);
        Seconds.Add(cpu.TotalSeconds, codec, operation);
    }

    public static void Crash(in CodecJob job, string reason) =>
        Lost.Add(1, new KeyValuePair<string, object?>("codec", job.Kind.ToString()), new KeyValuePair<string, object?>("reason", reason));
}

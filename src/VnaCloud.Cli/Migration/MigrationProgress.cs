using System.Globalization;

namespace VnaCloud.Cli.Migration;

/// <summary>A line now and then: how far, how fast, how long still.</summary>
internal sealed class MigrationProgress(Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private long _before, _moved, _bytes, _began;
    private long? _total;

    /// <summary>Begins; the lines end with what is returned.</summary>
    /// <param name="total">Instances in all; null where the source does not say.</param>
    public IAsyncDisposable Start(long? total)
    {
        (_total, _began) = (total, time.GetTimestamp());
        return time.CreateTimer(_ => terminal.Line(Line()), null, Every, Every);
    }

    /// <summary>Instances of which an earlier run has seen to.</summary>
    public void Skip(long instances) => Interlocked.Add(ref _before, instances);

    public void Add(long instances, long bytes)
    {
        Interlocked.Add(ref _moved, instances);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>Such as <c>1200 of 5000 instances (24 %), 38.2 MB/s, about 12 min left</c>.</summary>
    public string Line()
    {
        var (moved, seconds) = (Interlocked.Read(ref _moved), Math.Max(0.001, time.GetElapsedTime(_began).TotalSeconds));
        var done = moved + Interlocked.Read(ref _before);
        var rate = string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Read(ref _bytes) / seconds / 1e6:0.0} MB/s");
        if (_total is not { } total || moved == 0)
        {
            return $"{done} instances, {rate}";
        }
        var left = TimeSpan.FromSeconds(seconds / moved * Math.Max(0, total - done));
        var text = left.TotalHours >= 2 ? $"{left.TotalHours:0} h" : left.TotalMinutes >= 2 ? $"{left.TotalMinutes:0} min" : $"{left.TotalSeconds:0} s";
        return string.Create(CultureInfo.InvariantCulture, $"{done} of {total} instances ({100.0 * done / total:0} %), {rate}, about {text} left");
    }
}

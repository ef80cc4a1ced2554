using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.Imaging.Tests.Codecs;

/// <summary>Streams that are damaged on purpose, through real workers: whatever happens there, this process goes on.</summary>
[Collection(Alone.Name)]
public sealed class HostileFrameTests(ITestOutputHelper output)
{
    // The processor time of one frame is a second at most here, so that hangs end soon.
    private static readonly int Count = TestLength.Of(fast: 300, normal: 3_000, full: 10_000);

    [Fact]
    [Trait("codecs", "hostile")]
    public async Task DamagedStreams_OfEveryCodec_HarmNobodyElse()
    {
        await using var pool = CodecPrograms.Open(options => options with { Workers = 2, CpuSeconds = 1, Timeout = TimeSpan.FromSeconds(20) });
        var lost = new List<string>();
        pool.WorkerLost += (codec, reason) =>
        {
            lock (lost)
            {
                lost.Add($"{codec} {reason}");
            }
        };
        var streams = await StreamsAsync(pool);
        var (refused, decoded, crashed) = (0, 0, 0);
        using var stop = new CancellationTokenSource();
        var beside = BesideAsync(pool, streams[^1], stop.Token);
        var before = Memory();
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (seed, _) =>
        {
            var (kind, stream, capacity) = streams[seed % streams.Count];
            try
            {
                await CodecPoolTests.DecodeAsync(pool, kind, DamagedStreams.Damage(stream, seed), capacity);
                Interlocked.Increment(ref decoded);
            }
            catch (ImageException)
            {
                Interlocked.Increment(ref refused);
            }
            catch (CodecCrashException)
            {
                Interlocked.Increment(ref crashed);
            }
        });
        var after = Memory();
        await stop.CancelAsync();
        var times = await beside;
        times.Sort();
        output.WriteLine($"{Count} streams: {refused} refused, {decoded} decoded all the same, {crashed} ended a worker ({string.Join(", ", lost.GroupBy(text => text).Select(group => $"{group.Key} {group.Count()}"))})");
        output.WriteLine($"Beside them: {times.Count} sound frames, median {times[times.Count / 2]:0.0} ms, longest {times[^1]:0} ms. Memory of this process {before >> 20} MiB before, {after >> 20} MiB after.");
        Assert.Equal(Count, refused + decoded + crashed);
        Assert.Equal(crashed, lost.Count);
        Assert.True(refused > Count / 2, "Most of them must be refused.");
        Assert.InRange(after - before, long.MinValue, 64L << 20);
        // Waiting for a worker that hangs takes its second of processor time, twice where both do.
        Assert.True(times[times.Count / 2] < 500, $"median {times[times.Count / 2]} ms");
        Assert.True(Workers() <= 4, $"{Workers()} workers are there");
    }

    [Fact]
    public async Task Worker_ThatIsKilled_IsReplacedAndCostsOneRequest()
    {
        await using var pool = CodecPrograms.Open(options => options with { Workers = 1 });
        var image = new CodecImage(2000, 2000, 1, 12, 0);
        var native = CodecPoolTests.Native(image);
        await CodecPoolTests.EncodeAsync(pool, CodecKind.HighThroughput, image, native);
        var encoding = Task.Run(() => CodecPoolTests.EncodeAsync(pool, CodecKind.Jpeg2000, image, native));
        await Task.Delay(50);
        KillOwn();
        await Assert.ThrowsAsync<CodecCrashException>(() => encoding);
        Assert.NotEmpty(await CodecPoolTests.EncodeAsync(pool, CodecKind.HighThroughput, image, native));
    }

    [Fact]
    public async Task Frame_ThatTakesTooLong_EndsItsWorkerAndIsNotTriedForEver()
    {
        // Enough for a worker to start and make room, so that it is the answer that is waited for.
        await using var pool = CodecPrograms.Open(options => options with { Workers = 1, Timeout = TimeSpan.FromMilliseconds(400) });
        var image = new CodecImage(3000, 3000, 1, 16, 0);
        var native = CodecPoolTests.Native(image);
        for (var i = 0; i < 2; i++)
        {
            var crash = await Assert.ThrowsAsync<CodecCrashException>(() => CodecPoolTests.EncodeAsync(pool, CodecKind.Jpeg2000, image, native));
            Assert.Equal("took too long", crash.Reason);
        }
        var refused = await Assert.ThrowsAsync<ImageException>(() => CodecPoolTests.EncodeAsync(pool, CodecKind.Jpeg2000, image, native));
        Assert.Contains("ended codec workers", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<List<(CodecKind Kind, byte[] Stream, int Capacity)>> StreamsAsync(CodecPool pool)
    {
        var streams = new List<(CodecKind, byte[], int)>();
        foreach (var kind in new[] { CodecKind.Jpeg, CodecKind.JpegLs, CodecKind.Jpeg2000, CodecKind.HighThroughput })
        {
            foreach (var (bits, samples) in new[] { (8, 1), (8, 3), (12, 1), (16, 3) })
            {
                if (kind == CodecKind.Jpeg && bits > 8)
                {
                    continue;
                }
                var image = new CodecImage(160, 120, samples, bits, samples == 3 ? CodecFlags.ColourTransform : 0);
                var native = CodecPoolTests.Native(image);
                streams.Add((kind, await CodecPoolTests.EncodeAsync(pool, kind, image, native, kind == CodecKind.Jpeg ? 90 : 0), native.Length));
            }
        }
        return streams;
    }

    // What others have of it meanwhile.
    private static async Task<List<double>> BesideAsync(CodecPool pool, (CodecKind Kind, byte[] Stream, int Capacity) sound, CancellationToken stop)
    {
        var times = new List<double>();
        while (!stop.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            await CodecPoolTests.DecodeAsync(pool, sound.Kind, sound.Stream, sound.Capacity);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await Task.Delay(20, CancellationToken.None);
        }
        return times;
    }

    private static long Memory()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    // Nothing else runs in this process meanwhile.
    private static IEnumerable<Process> Own() => Process.GetProcessesByName("vna-codec").Where(process => File.ReadAllText($"/proc/{process.Id}/stat").Split(' ')[3] == $"{Environment.ProcessId}");

    private static int Workers() => Own().Count();

    private static void KillOwn()
    {
        foreach (var process in Own())
        {
            process.Kill();
        }
    }
}

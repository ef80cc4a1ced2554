using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using VnaCloud.Dicom;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>F41: the line to the archive swallows everything for a while.</summary>
public sealed class BlackholeTests(ITestOutputHelper output)
{
    // Twenty instances a second in all.
    private const int Associations = 2;
    private static readonly TimeSpan AtAboutTheSameTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Outage = TestLength.Of(fast: TimeSpan.FromSeconds(3), normal: TimeSpan.FromSeconds(10), full: TimeSpan.FromMinutes(10));
    private static readonly int Silence = TestLength.Of(fast: 1, normal: 2, full: 60);

    [Fact]
    [Trait("fault", "F41")]
    public async Task Line_BlackholedForAWhile_AllAreAcknowledgedAndArriveInOrderAfterwards()
    {
        var seed = FaultSeed.Next(output);
        var sent = new SentObjects(seed);
        await using var archive = await ServerProcess.StartAsync();
        await using var line = new TcpFaultProxy(archive.BaseUrl.Port);
        var begun = new ConcurrentQueue<string[]>();
        line.Pass = piece =>
        {
            if (!piece.IsAnswer && Receipts(piece.Bytes.Span) is { } receipts)
            {
                begun.Enqueue(receipts);
            }
            return ValueTask.FromResult(true);
        };
        // One connection: with more, requests begin in order, but who sees them may not.
        await using var site = new GatewaySite(new Uri($"http://127.0.0.1:{line.Port}"), null,
            $"--Gateway:Archive:SilenceSeconds={Silence}", "--Gateway:Archive:MinConnections=1", "--Gateway:Archive:MaxConnections=1");
        await site.StartAsync();
        var storm = new Modalities(sent, site.EndPoint, Associations, round: 1, Pace);
        await sent.MoreAsync(20);
        line.Fault = ProxyFault.Hang;
        var before = sent.Acknowledged;
        await Task.Delay(Outage);
        var during = sent.Acknowledged - before;
        Assert.True(during > Outage.TotalSeconds * 8, $"Only {during} were acknowledged in {Outage.TotalSeconds} s");
        Assert.NotNull((await site.StatusAsync())["destinations"]![0]!["waiting"]);
        line.Fault = ProxyFault.None;
        line.ResetAll();
        var healed = Stopwatch.GetTimestamp();
        var arrived = site.Files("sent").Count;
        while (site.Files("sent").Count == arrived)
        {
            Assert.True(Stopwatch.GetElapsedTime(healed) < TimeSpan.FromSeconds(90), "Nothing is forwarded although the line is back.");
            await Task.Delay(20);
        }
        var recovery = Stopwatch.GetElapsedTime(healed);
        await storm.DisposeAsync();
        Assert.Equal((0, 0), (storm.Unanswered, storm.Refused));
        var drained = await site.DrainAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{during} acknowledged in {Outage.TotalSeconds:F0} s without a line, {sent.Acknowledged} in all; again {recovery.TotalSeconds:F1} s after it was back, drained in {drained.TotalSeconds:F1} s, {begun.Count} requests"));
        await ArchiveCheck.RequireAllAsync(archive.BaseUrl, sent,
            new FaultRow("F41", string.Create(CultureInfo.InvariantCulture, $"line of the gateway blackholed for {Outage.TotalSeconds:F0} s"), 1, recovery, $"{seed}"));
        await RequireOrderAsync(site, [.. begun]);
    }

    // By when each began first, of one series, which one association sends: there the next begins when the one before is acknowledged. Of a study, which two
    // associations send, what began at about the same time may be on the disk in the other order, and go so (ADR 0017).
    private static async Task RequireOrderAsync(GatewaySite site, IReadOnlyList<string[]> begun)
    {
        var (studies, series) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        foreach (var file in site.Files("sent"))
        {
            var reader = await DicomReader.ReadAsync(new MemorySource(await File.ReadAllBytesAsync(file)));
            studies.Add(Path.GetFileNameWithoutExtension(file), reader.DataSet.String(DicomTags.StudyInstanceUID));
            series.Add(Path.GetFileNameWithoutExtension(file), reader.DataSet.String(DicomTags.SeriesInstanceUID));
        }
        Assert.Equal(studies.Keys.Order(StringComparer.Ordinal), begun.SelectMany(request => request).Distinct().Order(StringComparer.Ordinal));
        foreach (var one in begun.SelectMany(request => request).Distinct().GroupBy(receipt => series[receipt]))
        {
            Assert.Equal(one.Order(StringComparer.Ordinal), one);
        }
        foreach (var study in begun.SelectMany(request => request).Distinct().GroupBy(receipt => studies[receipt]))
        {
            var latest = 0L;
            foreach (var receipt in study)
            {
                var at = Milliseconds(receipt);
                Assert.True(at > latest - AtAboutTheSameTime.TotalMilliseconds, $"{receipt} began {latest - at} ms before one that went earlier.");
                latest = Math.Max(latest, at);
            }
        }
    }

    // The time of a ULID: ten digits of base 32.
    private static long Milliseconds(string ulid) => ulid[..10].Aggregate(0L, (time, digit) => (time * 32) + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".IndexOf(digit, StringComparison.Ordinal));

    private static string[]? Receipts(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith("POST "u8))
        {
            return null;
        }
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 4096)]);
        var header = text.Split("\r\n").FirstOrDefault(line => line.StartsWith("X-Request-Id:", StringComparison.OrdinalIgnoreCase));
        return header?["X-Request-Id:".Length..].Trim().Split(',', StringSplitOptions.TrimEntries);
    }
}

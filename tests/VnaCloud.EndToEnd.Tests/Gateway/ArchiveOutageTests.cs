using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>The archive dies, fails in every way, or cannot be reached: modalities notice nothing, and all they stored arrives, once.</summary>
public sealed class ArchiveOutageTests(ITestOutputHelper output)
{
    private const int Associations = 3;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);
    private static readonly int Kills = TestLength.Of(fast: 2, normal: 4, full: 200);
    private static readonly int Failures = TestLength.Of(fast: 1, normal: 1, full: 20);

    [Fact]
    [Trait("fault", "F42")]
    public async Task Archive_KilledInAStormAgainAndAgain_GetsAllAcknowledgedObjectsOnce()
    {
        var seed = FaultSeed.Next(output);
        var random = new Random(seed);
        var sent = new SentObjects(seed);
        var recovery = TimeSpan.Zero;
        var archive = await ServerProcess.StartAsync();
        var data = archive.DataFolder;
        await using var line = new TcpFaultProxy(archive.BaseUrl.Port);
        await using var site = new GatewaySite(new Uri($"http://127.0.0.1:{line.Port}"));
        await site.StartAsync();
        try
        {
            await using (var storm = new Modalities(sent, site.EndPoint, Associations, round: 1, Pace))
            {
                for (var kill = 0; kill < Kills; kill++)
                {
                    await sent.MoreAsync(random.Next(1, 200));
                    await archive.Kill9();
                    // Nobody but the gateway notices.
                    await sent.MoreAsync(50);
                    var restarted = Stopwatch.GetTimestamp();
                    archive = await ServerProcess.StartAsync(data);
                    line.Target = new IPEndPoint(IPAddress.Loopback, archive.BaseUrl.Port);
                    await UntilForwardedAsync(site);
                    recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, Stopwatch.GetElapsedTime(restarted).Ticks));
                }
                await storm.StopAsync();
                Assert.Equal((0, 0), (storm.Unanswered, storm.Refused));
            }
            var drained = await site.DrainAsync();
            Report(sent, Kills, recovery, drained);
            await ArchiveCheck.RequireAllAsync(archive.BaseUrl, sent, new FaultRow("F42", "kill -9 of the archive behind the gateway", Kills, recovery, $"{seed}"));
        }
        finally
        {
            await archive.DisposeAsync();
            if (Directory.Exists(data))
            {
                Directory.Delete(data, recursive: true);
            }
        }
    }

    [Fact]
    public async Task Archive_ThatFailsInEveryWay_GetsAllAcknowledgedObjectsOnce()
    {
        var seed = FaultSeed.Next(output);
        var sent = new SentObjects(seed);
        var recovery = TimeSpan.Zero;
        await using var archive = await ServerProcess.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(archive.BaseUrl);
        await using var site = new GatewaySite(proxy.Endpoint);
        await site.StartAsync();
        var faults = Faults();
        await using (var storm = new Modalities(sent, site.EndPoint, Associations, round: 1, Pace))
        {
            foreach (var (name, fault) in Enumerable.Repeat(faults, Failures).SelectMany(all => all))
            {
                var hits = 0;
                proxy.Act = (context, pass) =>
                {
                    Interlocked.Increment(ref hits);
                    return fault(context, pass);
                };
                var before = sent.Acknowledged;
                await UntilAsync(() => Volatile.Read(ref hits) >= 3, name);
                await sent.MoreAsync(10);
                proxy.Act = (_, pass) => pass();
                var healed = Stopwatch.GetTimestamp();
                await UntilForwardedAsync(site);
                var took = Stopwatch.GetElapsedTime(healed);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {sent.Acknowledged - before} acknowledged, {hits} requests met it, again after {took.TotalSeconds:F1} s"));
                recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, took.Ticks));
            }
            await storm.StopAsync();
            Assert.Equal((0, 0), (storm.Unanswered, storm.Refused));
        }
        var drained = await site.DrainAsync();
        Report(sent, faults.Count * Failures, recovery, drained);
        await ArchiveCheck.RequireAllAsync(archive.BaseUrl, sent,
            new FaultRow("F41", "archive behind the gateway answers 500, 503, 429, 202 with failures, or loses its answers", faults.Count * Failures, recovery, $"{seed}"));
    }

    private static IReadOnlyList<(string Name, Func<HttpContext, Func<Task>, Task> Act)> Faults() =>
    [
        ("500", (context, _) => FaultProxy.RefuseAsync(context, 500, "InternalError")),
        ("503", (context, _) => FaultProxy.RefuseAsync(context, 503, "SlowDown")),
        ("429", (context, _) =>
        {
            context.Response.Headers.RetryAfter = "1";
            return FaultProxy.RefuseAsync(context, 429, "TooMany");
        }),
        ("502 without reading", (context, _) =>
        {
            context.Response.StatusCode = 502;
            return Task.CompletedTask;
        }),
        ("202 with failures A700H", new PartialArchive(0xA700).ActAsync),
        ("202 with failures 0110H", new PartialArchive(0x0110).ActAsync),
        ("answer lost", FaultProxy.LoseReplyAsync),
        ("answer cut", (context, pass) => FaultProxy.CutBodyAsync(context, pass, 40)),
    ];

    // What was received before is confirmed: the oldest file that waits is another one.
    private static async Task UntilForwardedAsync(GatewaySite site)
    {
        var waiting = site.Files("queued").ToHashSet();
        await UntilAsync(() => waiting.Count == 0 || !site.Files("queued").Any(waiting.Contains), "what waited is forwarded");
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        for (var watch = Stopwatch.StartNew(); !holds();)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{what}: not within a minute");
            await Task.Delay(20);
        }
    }

    private void Report(SentObjects sent, int times, TimeSpan recovery, TimeSpan drained) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{times} faults, {sent.Acknowledged} acknowledged of {sent.All.Count}; recovery {recovery.TotalSeconds:F1} s at most, drained in {drained.TotalSeconds:F1} s"));
}

using System.Diagnostics;
using System.Globalization;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>F42 for the whole gateway: kill -9 at any moment of a storm of C-STORE, again and again on one spool and one archive.</summary>
public sealed class GatewayKillTests(ITestOutputHelper output)
{
    private const int Associations = 4;
    private const int FilesOfDcmtk = 12;
    private static readonly int Rounds = TestLength.Of(fast: 3, normal: 15, full: 200);

    [Fact]
    [Trait("fault", "F42")]
    public async Task Gateway_KilledInAStormAgainAndAgain_BringsWhatItAcknowledgedIntoTheArchiveOnce()
    {
        var seed = FaultSeed.Next(output);
        var random = new Random(seed);
        var sent = new SentObjects(seed);
        var (recovery, unanswered, met) = (TimeSpan.Zero, 0, 0);
        var began = Stopwatch.GetTimestamp();
        await using var archive = await ServerProcess.StartAsync();
        await using var line = new TcpFaultProxy(archive.BaseUrl.Port);
        await using var site = new GatewaySite(new Uri($"http://127.0.0.1:{line.Port}"));
        var kept = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            using var folder = new Folder();
            var files = await DcmtkStore.MakeAsync(sent, random, round, FilesOfDcmtk, folder);
            // Two rounds of three without a line: what is queued then has to live through several deaths.
            line.Fault = round % 3 == 1 ? ProxyFault.None : ProxyFault.Refuse;
            var started = Stopwatch.GetTimestamp();
            await site.StartAsync();
            var storm = new Modalities(sent, site.EndPoint, Associations, round);
            await sent.MoreAsync(1);
            recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            var dcmtk = DcmtkStore.RunAsync(sent, site.EndPoint, files);
            await Task.Delay(random.Next(1, 1200));
            await site.Kill9();
            await storm.StopAsync();
            await dcmtk;
            unanswered += storm.Unanswered;
            met += storm.Unanswered > 0 ? 1 : 0;
            kept = Math.Max(kept, site.Files("queued").Count);
            Assert.Empty(site.Files("quarantined"));
        }
        line.Fault = ProxyFault.None;
        await site.StartAsync();
        var drained = await site.DrainAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Rounds} kills, {met} met a C-STORE, {sent.Acknowledged} acknowledged of {sent.All.Count}, {unanswered} without an answer, {kept} queued at most; recovery {recovery.TotalSeconds:F1} s at most, drained in {drained.TotalSeconds:F1} s"));
        await ArchiveCheck.RequireAllAsync(archive.BaseUrl, sent, new FaultRow("F42", "kill -9 of the gateway in a storm of C-STORE", Rounds, recovery, $"{seed}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s"));
        Assert.True(kept > 50, $"Never more than {kept} objects had to survive in the spool.");
        Assert.True(met * 10 >= Rounds * 6, $"Only {met} of {Rounds} kills met a C-STORE.");
    }
}

using System.Diagnostics;
using System.Globalization;
using VnaCloud.Dimse;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>SIGTERM under load: what is under way is answered, the gateway ends within its grace, and loses nothing that it acknowledged.</summary>
public sealed class GatewayStopTests(ITestOutputHelper output)
{
    private const int Associations = 4;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    // A service ends in time for whoever waits for it, not at the last moment.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(ProxyFault.None)]
    [InlineData(ProxyFault.Hang)]
    public async Task Gateway_ToldToStopInAStorm_EndsSoon_AndLosesNothing(ProxyFault fault)
    {
        var seed = FaultSeed.Next(output);
        var sent = new SentObjects(seed);
        await using var archive = await ServerProcess.StartAsync();
        await using var line = new TcpFaultProxy(archive.BaseUrl.Port);
        await using var site = new GatewaySite(new Uri($"http://127.0.0.1:{line.Port}"));
        await site.StartAsync();
        line.Fault = fault;
        await using var slow = await Modality.ConnectAsync(site.EndPoint, "SLOW");
        var (one, file) = await sent.MakeAsync(new Random(seed), 1, 80, 1, (1024, 1024));
        var half = new HalfStream(file[(int)await SentObject.DataSetOffsetAsync(file)..]);
        var storing = slow.StoreAsync(slow.FindContext(Modality.CtStorage)!, new StoreInstance(Modality.CtStorage, one.Sop), half);
        await site.UntilReceivingAsync();
        var storm = new Modalities(sent, site.EndPoint, Associations, round: 1);
        await sent.MoreAsync(150);

        var told = Stopwatch.GetTimestamp();
        var stopping = site.StopAsync();
        // Once nobody is let in any more, the other half comes: it was under way, and is finished.
        await UntilRefusedAsync(site);
        half.Release();
        var status = (await storing).Status;
        var code = await stopping;
        var took = Stopwatch.GetElapsedTime(told);
        await storm.DisposeAsync();
        Assert.Equal((0, DimseStatus.Success), (code, status));
        sent.Acknowledge(one);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended in {took.TotalSeconds:F1} s, {sent.Acknowledged} acknowledged, {storm.Unanswered} without an answer"));
        Assert.True(took < Soon, $"{took} of {Grace}");
        Assert.Empty(site.Files("incoming"));

        line.Fault = ProxyFault.None;
        line.ResetAll();
        var restarted = Stopwatch.GetTimestamp();
        await site.StartAsync();
        var recovery = Stopwatch.GetElapsedTime(restarted);
        await site.DrainAsync();
        await ArchiveCheck.RequireAllAsync(archive.BaseUrl, sent, new FaultRow("F42", $"SIGTERM of the gateway in a storm, line to the archive: {fault}", 1, recovery, $"{seed}"));
    }

    private static async Task UntilRefusedAsync(GatewaySite site)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            Assert.True(watch.Elapsed < Soon, "The port is open although the gateway is told to stop.");
            try
            {
                await using var association = await Modality.ConnectAsync(site.EndPoint, "LATE");
                await association.ReleaseAsync();
            }
            catch (AssociationException)
            {
                return;
            }
            await Task.Delay(10);
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using VnaCloud.Dimse;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>F43: the spool is full. What is not kept is never acknowledged, C-ECHO is answered, and all goes on once the archive is back.</summary>
public sealed class FullSpoolTests(ITestOutputHelper output)
{
    private const int DiskBytes = 12 << 20;
    private const string CallingAe = "CT1";

    [Theory]
    [Trait("fault", "F43")]
    [InlineData(3 << 20)] // refused at the watermark
    [InlineData(0)] // refused by the disk itself
    public async Task Spool_ThatIsFull_RefusesTransiently_AndGoesOnWhenTheArchiveIsBack(int minFree)
    {
        await using var disk = await SmallDisk.MountAsync(DiskBytes);
        await using var archive = await ServerProcess.StartAsync();
        await using var line = new TcpFaultProxy(archive.BaseUrl.Port) { Fault = ProxyFault.Refuse };
        await using var site = new GatewaySite(new Uri($"http://127.0.0.1:{line.Port}"), disk.Path,
            string.Create(CultureInfo.InvariantCulture, $"--Gateway:Spool:MinFreeBytes={minFree}"), "--Gateway:Spool:LowFreeBytes=6000000");
        await site.StartAsync();
        var sent = new SentObjects(minFree + 1);
        var random = new Random(minFree);
        var refused = 0;
        await using (var association = await Modality.ConnectAsync(site.EndPoint, CallingAe, DimseAssociation.Verification))
        {
            for (var i = 0; refused < 10; i++)
            {
                Assert.True(i < 5000, "The spool does not fill.");
                refused += await StoreAsync(association, sent, random, i) ? 0 : 1;
            }
            Assert.True((await association.EchoAsync()).Status.IsSuccess);
            await association.ReleaseAsync();
        }
        if (minFree > 0)
        {
            // Who only stores is told to come back (2/3/1); who also asks is let in.
            var rejected = await Assert.ThrowsAsync<AssociationException>(() => Modality.ConnectAsync(site.EndPoint, CallingAe));
            Assert.Equal(AssociateReject.TemporaryCongestion, rejected.End.Reject);
        }
        await using (var association = await Modality.ConnectAsync(site.EndPoint, CallingAe, DimseAssociation.Verification))
        {
            Assert.True((await association.EchoAsync()).Status.IsSuccess);
        }
        var acknowledged = sent.Acknowledged;
        line.Fault = ProxyFault.None;
        var recovery = await RecoverAsync(site, sent, random);
        var drained = await site.DrainAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{acknowledged} kept, {refused} refused; takes objects {recovery.TotalSeconds:F1} s after the archive is back, drained in {drained.TotalSeconds:F1} s"));
        await ArchiveCheck.RequireAllAsync(archive.BaseUrl, sent,
            new FaultRow("F43", minFree > 0 ? "spool of the gateway past its watermark" : "disk of the gateway's spool full", refused, recovery, "-"));
    }

    private static async Task<TimeSpan> RecoverAsync(GatewaySite site, SentObjects sent, Random random)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 10_000; ; i++)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(40), "Nothing is taken although the archive is back.");
            try
            {
                await using var association = await Modality.ConnectAsync(site.EndPoint, CallingAe);
                if (await StoreAsync(association, sent, random, i))
                {
                    return watch.Elapsed;
                }
            }
            catch (AssociationException refused) when (refused.End.Reject is not null)
            {
            }
            await Task.Delay(50);
        }
    }

    private static async Task<bool> StoreAsync(DimseAssociation association, SentObjects sent, Random random, int number)
    {
        var (one, file) = await sent.MakeAsync(random, round: 1, modality: 1, number, ((ushort)random.Next(100, 260), 256));
        var status = await Modality.StoreAsync(association, one.Sop, file);
        Assert.True(status == DimseStatus.Success || status == DimseStatus.OutOfResources, $"{status}");
        if (status.IsSuccess)
        {
            sent.Acknowledge(one);
        }
        return status.IsSuccess;
    }
}

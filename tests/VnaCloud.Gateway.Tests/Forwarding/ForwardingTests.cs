using System.Text.RegularExpressions;
using VnaCloud.DicomWeb;
using VnaCloud.Gateway.Tests.Spool;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>From the spool into an archive, when all goes well.</summary>
public sealed partial class ForwardingTests
{
    [Fact]
    public async Task Objects_Forwarded_AreInTheArchive_WithTheSameDataSets()
    {
        await using var server = await ServerProcess.StartAsync();
        var service = new Uri(server.BaseUrl, "dicom-web");
        await using var forwarding = new TestForwarding(service);
        await forwarding.ReceiveAsync(30, studies: 3);
        await forwarding.StartAsync();
        await forwarding.ReceiveAsync(30, studies: 3, first: 31);
        await forwarding.DrainAsync();
        using var client = new DicomWebClient(new DicomWebOptions { ServiceUrl = service });
        var found = 0;
        foreach (var study in new[] { "1.2.0", "1.2.1", "1.2.2" })
        {
            await using var parts = (await client.RetrieveAsync(new DicomPath(study))).Require();
            while (await parts.ReadAsync(default) is { } part)
            {
                using var file = new MemoryStream();
                await part.Content.CopyToAsync(file);
                var arrival = Arrival.Of(file.ToArray());
                var number = int.Parse(arrival.From.SopInstanceUid.Split('.')[^1], null);
                Assert.Equal(Arrival.Ct(study, arrival.From.SopInstanceUid, number).DataSet, arrival.DataSet);
                found++;
            }
        }
        Assert.Equal(60, found);
        Assert.Empty(forwarding.Spool.Files("queued"));
        Assert.Empty(forwarding.Spool.Files("quarantined"));
        Assert.Equal(60, forwarding.Spool.Files("sent").Length);
    }

    [Fact]
    public async Task Conflict_InTheArchive_IsSetAside_AndTheFirstStays()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var forwarding = new TestForwarding(new Uri(server.BaseUrl, "dicom-web"));
        await Arrival.Ct("1.2.1", "1.2.9.1").StoreAsync(forwarding.Spool.Spool);
        await Arrival.Ct("1.2.1", "1.2.9.1").StoreAsync(forwarding.Spool.Spool);
        await Arrival.Ct("1.2.1", "1.2.9.1", seed: 7).StoreAsync(forwarding.Spool.Spool);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        var entry = Assert.Single(forwarding.Spool.Spool.Quarantine.Latest(10));
        Assert.Equal(0x0111, entry.Code);
        Assert.Equal(2, forwarding.Spool.Files("sent").Length);
    }

    [Fact]
    public async Task Batches_AreOfOneStudy_InOrder_AndNamed()
    {
        await using var archive = new ScriptedArchive();
        await using var forwarding = new TestForwarding(archive.Url, batch: 5, min: 1, max: 1);
        await forwarding.ReceiveAsync(24, studies: 2);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Assert.All(archive.Requests, request => Assert.Single(request.Sops.Select(sop => int.Parse(sop.Split('.')[^1], null) % 2).Distinct()));
        Assert.All(archive.Requests, request => Assert.InRange(request.Sops.Count, 1, 5));
        foreach (var study in new[] { 0, 1 })
        {
            var order = archive.Requests.SelectMany(request => request.Sops).Select(sop => int.Parse(sop.Split('.')[^1], null)).Where(number => number % 2 == study).ToList();
            Assert.Equal(order.Order(), order);
            Assert.Equal(12, order.Count);
        }
        foreach (var request in archive.Requests)
        {
            Assert.Equal(request.Sops.Count, request.Exchange.Headers["X-Request-Id"].Split(',').Length);
            Assert.Matches(TraceParent(), request.Exchange.Headers["traceparent"]);
        }
        Assert.Equal(archive.Requests.Count, archive.Requests.Select(request => request.Batch).Distinct().Count());
    }

    [Fact]
    public async Task Gateway_StoppedAndStarted_ForwardsTheRest()
    {
        await using var archive = new ScriptedArchive();
        await using var forwarding = new TestForwarding(archive.Url, batch: 2, min: 1, max: 1);
        var sops = await forwarding.ReceiveAsync(60);
        await forwarding.StartAsync();
        await TestForwarding.UntilAsync(() => archive.Stored.Count > 5, "nothing was forwarded");
        await forwarding.StopAsync();
        await forwarding.Spool.ReopenAsync();
        Assert.Equal(forwarding.Spool.Files("queued").Length, forwarding.Spool.Unsent);
        await forwarding.StartAsync();
        await forwarding.DrainAsync();
        Assert.Equal(sops.Order(), archive.Stored.Keys.Order());
    }

    [GeneratedRegex("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$")]
    private static partial Regex TraceParent();
}

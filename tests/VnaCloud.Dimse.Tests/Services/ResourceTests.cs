using System.Diagnostics;
using System.Runtime;
using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

/// <summary>Attacks 75 to 78: what many connections cost, and whether an honest peer notices.</summary>
[Collection(nameof(Alone))]
public class ResourceTests(ITestOutputHelper output)
{
    private const long Mebibyte = 1024 * 1024;

    [Fact]
    public async Task ThousandConnectionsThatIdleOrStopHalfWay_CostLittle_AndHurtNobody()
    {
        await using var scp = TestScp.Start(change: options => options with { MaxPendingConnections = 2000, MaxPendingPerAddress = 1000, MaxAssociations = 400, MaxAssociationsPerAddress = 300, MaxAssociationsPerCallingAe = 300 });
        await StoreAsync(scp, 20);
        var before = Collected();
        var request = PduWriter.Write(RawPeer.Request());
        var peers = new List<RawPeer>();
        for (var i = 0; i < 1000; i++)
        {
            var peer = scp.Raw($"127.0.0.{2 + i % 4}");
            peers.Add(i switch
            {
                < 300 => peer,
                < 600 => peer.Send(request[..(i % request.Length)]),
                // Declares as much as is allowed, and sends a little of it.
                < 750 => peer.Send([1, 0, 0, 4, 0, 0], new byte[500]),
                // Associations: silent, and in the middle of a command.
                < 900 => peer.Associate(RawPeer.Request(calling: $"AE{i}")),
                _ => peer.Associate(RawPeer.Request(calling: $"AE{i}")).Send(RawPeer.Pdv(1, 1, new byte[100])[..60]),
            });
        }
        await TestScp.UntilAsync(() => scp.Listener.Associations.Count >= 250, "associations");
        var watch = Stopwatch.StartNew();
        await StoreAsync(scp, 100);
        var each = (Collected() - before) / 1000;
        output.WriteLine($"1,000 connections: {each} bytes of managed memory each, 100 stores beside them in {watch.ElapsedMilliseconds} ms, resident {Process.GetCurrentProcess().WorkingSet64 / Mebibyte} MiB");
        Assert.InRange(each, 0, 40 * 1024);
        peers.ForEach(peer => peer.Dispose());
        await TestScp.UntilAsync(() => scp.Listener.Associations.Count == 0, "end of the associations");
    }

    [Fact]
    public async Task PortScan_AllocatesNothingThatWasOnlyDeclared()
    {
        await using var scp = TestScp.Start();
        await StoreAsync(scp, 5);
        byte[][] openings =
        [
            "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), [0x16, 3, 1, 0xFF, 0xFF], [1, 0, 0xFF, 0xFF, 0xFF, 0xFF], [4, 0, 0x7F, 0xFF, 0xFF, 0xFF], [1, 0, 0, 4, 0, 0, 0, 1], [0xFF], [],
        ];
        var count = TestLength.Of(200, 1000, 20_000);
        var (before, random) = (GC.GetTotalAllocatedBytes(true), new Random(1));
        for (var i = 0; i < count; i++)
        {
            var bytes = i % 8 == 7 ? new byte[64] : openings[i % 7];
            if (i % 8 == 7)
            {
                random.NextBytes(bytes);
            }
            using var peer = scp.Raw().TrySend(bytes);
        }
        await TestScp.UntilAsync(() => scp.Dropped.Count == count, "dropped connections");
        var each = (GC.GetTotalAllocatedBytes(true) - before) / count;
        output.WriteLine($"{count} connections of a port scan: {each} bytes allocated for each, test included");
        Assert.InRange(each, 0, 100 * 1024);
        await StoreAsync(scp, 5);
        Assert.Empty(scp.Failures);
    }

    [Fact]
    public async Task AssociateAndAbort_ManyTimes_LeavesNothingBehind()
    {
        await using var scp = TestScp.Start();
        var (request, abort) = (PduWriter.Write(RawPeer.Request()), PduWriter.Write(AbortPdu.ByUser));
        var rounds = TestLength.Of(500, 3000, 50_000);
        await RoundsAsync(rounds / 2);
        var before = Collected();
        await RoundsAsync(rounds);
        var grown = Collected() - before;
        output.WriteLine($"{rounds} rounds: {grown} bytes more, resident {Process.GetCurrentProcess().WorkingSet64 / Mebibyte} MiB");
        Assert.InRange(grown / rounds, -10_000, 100);
        Assert.Empty(scp.Failures);

        async Task RoundsAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var peer = scp.Raw().Send(request);
                peer.Receive();
                peer.Send(i % 3 == 0 ? PduWriter.ReleaseRequest() : abort);
                if (i % 3 == 0)
                {
                    peer.Receive();
                }
            }
            await TestScp.UntilAsync(() => scp.Listener.Associations.Count == 0, "end of the associations");
            scp.Ends.Clear();
            scp.Established.Clear();
        }
    }

    private static async Task StoreAsync(TestScp scp, int count)
    {
        await using var honest = await DimseAssociation.ConnectAsync(scp.Client() with { CallingAeTitle = "HONEST" });
        for (var i = 0; i < count; i++)
        {
            Assert.True((await honest.StoreAsync(honest.FindContext(TestScp.CtStorage)!, new StoreInstance(TestScp.CtStorage, "1.2.3"), new MemoryStream(new byte[100_000]))).Status.IsSuccess);
        }
        await honest.ReleaseAsync();
    }

    private static long Collected()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

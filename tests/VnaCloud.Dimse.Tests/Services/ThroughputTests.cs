using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.Dimse.Tests;

/// <summary>What the library itself takes for a C-STORE of 527 KB, both sides in this process.</summary>
[Collection(nameof(Alone))]
public class ThroughputTests(ITestOutputHelper output)
{
    private const int Length = 527_000;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 8)]
    [InlineData(4, 1)]
    public async Task Store_MovesManyAndAllocatesLittle(int associations, ushort window)
    {
        var count = TestLength.Of(200, 1000, 10_000);
        var sent = new byte[Length];
        await using var scp = TestScp.Start(async (request, cancellation) =>
        {
            await request.Data.CopyToAsync(Stream.Null, cancellation);
            return DimseResponse.Success;
        });
        var clients = await Task.WhenAll(Enumerable.Range(0, associations).Select(_ => DimseAssociation.ConnectAsync(scp.Client() with { AsyncWindow = new(window, 1) })));
        await StoreAsync(clients, 50, sent);
        GC.Collect();
        var (allocated, cpu, time) = (GC.GetTotalAllocatedBytes(true), Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.StartNew());
        await StoreAsync(clients, count / associations, sent);
        var rate = count / time.Elapsed.TotalSeconds;
        var perObject = (GC.GetTotalAllocatedBytes(true) - allocated) / count;
        output.WriteLine($"{associations} associations, window {window}: {rate:F0}/s, {rate * Length / 1e6:F0} MB/s, {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / count:F2} ms CPU and {perObject} bytes allocated for each, both sides");
        Assert.InRange(perObject, 0, 64 * 1024);
        Assert.InRange(rate, 100, double.MaxValue);
        foreach (var client in clients)
        {
            await client.ReleaseAsync();
        }
    }

    private static Task StoreAsync(DimseAssociation[] clients, int each, byte[] data) => Task.WhenAll(clients.Select(async client =>
    {
        var context = client.FindContext(TestScp.CtStorage)!;
        var left = each;
        await Task.WhenAll(Enumerable.Range(0, client.MaxInvoked).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var response = await client.StoreAsync(context, new StoreInstance(TestScp.CtStorage, "1.2.3"), new MemoryStream(data, writable: false));
                Assert.True(response.Status.IsSuccess);
            }
        }));
    }));
}

/// <summary>Tests that measure this process, which no other may use meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

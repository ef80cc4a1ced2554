using System.Diagnostics;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>How fast objects become durable, without a network: printed, as it depends on the disk.</summary>
public sealed class SpoolRateTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Receiving_WithFsync_KeepsUp(int associations)
    {
        var each = TestLength.Of(fast: 20, normal: 300, full: 2000) / associations;
        using var spool = new TestSpool();
        var arrivals = Enumerable.Range(0, associations).Select(i => Arrival.Ct($"1.2.{i}", $"1.2.3.{i}", rows: 512)).ToArray();
        await arrivals[0].StoreAsync(spool.Spool);
        var started = Stopwatch.GetTimestamp();
        var before = Environment.CpuUsage.TotalTime;
        await Task.WhenAll(arrivals.Select(arrival => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await arrival.StoreAsync(spool.Spool);
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var count = each * associations;
        output.WriteLine($"{associations} associations: {count / elapsed.TotalSeconds:F0} objects/s of {arrivals[0].DataSet.Length} bytes, {(Environment.CpuUsage.TotalTime - before).TotalMilliseconds / count:F2} ms CPU each");
        Assert.Equal(count + 1, spool.Files("queued").Length);
    }
}

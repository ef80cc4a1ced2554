using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Outage;

/// <summary>Two stores, one of them a real bucket that is killed under load: no reader notices, and what it lost is put back.</summary>
public sealed class MirrorTests
{
    private const string Study = "2.25.8001";
    private const int Readers = 8;
    private static readonly int Slices = TestLength.Of(fast: 40, normal: 120, full: 600);
    private static readonly TimeSpan Outage = TestLength.Of(fast: TimeSpan.FromSeconds(2), normal: TimeSpan.FromSeconds(6), full: TimeSpan.FromSeconds(60));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task PrimaryKilledUnderLoad_IsNotNoticedAndIsMendedWhenItIsBack()
    {
        Assert.SkipWhen(S3Server.NoCeph is not null, S3Server.NoCeph ?? "");
        await using var ceph = await S3Server.StartCephAsync();
        Assert.SkipUnless(ceph.IsOwn, "VNA_TEST_S3 names a server that is not this test's to kill.");
        var bucket = await ceph.CreateBucketAsync();
        var second = Directory.CreateTempSubdirectory("vnacloud-mirror-").FullName;
        try
        {
            // Without the cache, which would answer most reads.
            await using var server = await ServerProcess.StartAsync(null,
                [.. ceph.Arguments(bucket), "--Vna:Storage:Cache:Enabled=false", "--Vna:Storage:Mirror:Provider=FileSystem", $"--Vna:Storage:Mirror:Path={second}", "--Vna:Maintenance:MirrorSeconds=1"]);
            using var client = new ArchiveClient(server.BaseUrl);
            var hashes = await StoreAsync(client);
            await WaitAsync("every pack is on the second store", async () => (await ceph.ListAsync(bucket, "t/")).Where(IsPack).All(key => File.Exists(Path(second, key))));

            using var stop = new CancellationTokenSource();
            var (reads, wrong) = (0, 0);
            var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
            {
                var random = new Random(reader);
                while (!stop.IsCancellationRequested)
                {
                    var number = random.Next(Slices);
                    var right = await client.HashAsync(Path(number)) == hashes[number];
                    Interlocked.Increment(ref reads);
                    Interlocked.Add(ref wrong, right ? 0 : 1);
                }
            })).ToArray();
            await Task.Delay(TimeSpan.FromSeconds(1));
            await ceph.KillGatewayAsync();
            var before = Volatile.Read(ref reads);
            await Task.Delay(Outage);
            var during = Volatile.Read(ref reads) - before;
            await ceph.StartGatewayAsync();
            await Task.Delay(TimeSpan.FromSeconds(1));
            await stop.CancelAsync();
            await Task.WhenAll(readers);

            // What the bucket lost is put back by the read that misses it.
            var lost = (await ceph.ListAsync(bucket, "t/")).First(IsPack);
            await ceph.DeleteAsync(bucket, lost);
            var mending = Stopwatch.StartNew();
            await WaitAsync("the bucket has its pack again", async () =>
            {
                // A primary that failed is left alone for some seconds: the loss is noticed by the first read that asks it again.
                for (var number = 0; number < Slices; number++)
                {
                    Assert.Equal(hashes[number], await client.HashAsync(Path(number)));
                }
                return (await ceph.ListAsync(bucket, lost)).Count == 1;
            });
            FaultTable.Add("mirror", "primary store killed under reads, a pack deleted from it", 2, reads + Slices, wrong, mending.Elapsed, "-");
            Assert.Equal(0, wrong);
            Assert.True(during > Readers, $"Only {during} reads were answered while the primary was dead.");
        }
        finally
        {
            Directory.Delete(second, recursive: true);
        }
    }

    private static bool IsPack(string key) => key.EndsWith(".tar", StringComparison.Ordinal);

    private static async Task<string[]> StoreAsync(ArchiveClient client)
    {
        var files = Enumerable.Range(0, Slices).Select(number => Instances.File(
            new InstanceSpec(Study, "2.25.8002", Sop(number)) { Rows = 128, Columns = 128, InstanceNumber = number + 1 })).ToArray();
        foreach (var batch in files.Chunk(20))
        {
            Assert.Equal(batch.Length, (await client.StowAsync(batch)).Stored.Count);
        }
        return [.. files.Select(file => Convert.ToHexString(SHA256.HashData(file)))];
    }

    private static string Sop(int number) => string.Create(CultureInfo.InvariantCulture, $"2.25.81{number:D4}");

    private static string Path(int number) => $"studies/{Study}/series/2.25.8002/instances/{Sop(number)}";

    private static string Path(string folder, string key) => System.IO.Path.Combine(folder, key);

    private static async Task WaitAsync(string what, Func<Task<bool>> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(waited.Elapsed < Patience, $"Not within {Patience.TotalSeconds} s: {what}.");
            await Task.Delay(100);
        }
    }
}

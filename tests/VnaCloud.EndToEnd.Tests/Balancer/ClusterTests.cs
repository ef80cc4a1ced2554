using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.EndToEnd.Tests.Cloud;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Balancer;

/// <summary>Two servers without state behind nginx, on PostgreSQL and a bucket: one of them is killed under load.</summary>
public sealed class ClusterTests(CloudServers servers, ITestOutputHelper output)
{
    private const string Study = "2.25.9001";
    private const string Series = "2.25.9002";
    private const int Readers = 100;
    private const int Senders = 6;
    private static readonly int Slices = 60;
    private static readonly int Reads = TestLength.Of(fast: 400, normal: 1_000, full: 5_000);
    private static readonly int Kills = TestLength.Of(fast: 1, normal: 2, full: 20);

    [Fact]
    public async Task Server_KilledAmongConcurrentReadsAndStores_CostsRetriesAndNoByte()
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.Missing);
        var stack = (await servers.NewArchiveAsync()).Arguments(connections: 20);
        var model = new ConcurrentDictionary<string, string>();
        var (reads, retried, recovery) = (0, 0, TimeSpan.Zero);
        await using var first = await ServerProcess.StartAsync(null, stack);
        using (var direct = new ArchiveClient(first.BaseUrl))
        {
            await StoreAsync(direct, model, Enumerable.Range(0, Slices).Select(i => (Path(Series, Sop(0, i)), File(Series, Sop(0, i), i))).ToList());
        }
        var frames = model.Keys.ToArray();
        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var second = await ServerProcess.StartAsync(null, stack);
            await using var nginx = await Nginx.StartAsync(first.BaseUrl, second.BaseUrl);
            using var client = new ArchiveClient(nginx.BaseUrl, Readers + Senders);
            using var over = new CancellationTokenSource();
            var round = kill;
            var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(client, model, round * 100 + sender, over.Token))).ToArray();
            var begun = Volatile.Read(ref reads);
            var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
            {
                var random = new Random(reader);
                for (var i = 0; i < Reads / Readers; i++)
                {
                    var path = frames[random.Next(frames.Length)];
                    Interlocked.Add(ref retried, await ReadUntilAnsweredAsync(client, path, model[path]));
                    Interlocked.Increment(ref reads);
                }
            })).ToArray();
            while (Volatile.Read(ref reads) - begun < Reads / 4)
            {
                await Task.Delay(5);
            }
            await second.Kill9();
            var died = Stopwatch.GetTimestamp();
            await Task.WhenAll(readers);
            recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, Stopwatch.GetElapsedTime(died).Ticks));
            await over.CancelAsync();
            await Task.WhenAll(senders);
        }
        using var last = new ArchiveClient(first.BaseUrl);
        foreach (var (path, hash) in model)
        {
            Assert.Equal(hash, await last.HashAsync(path));
        }
        output.WriteLine($"{reads} reads, {retried} retried, {model.Count} instances");
        FaultTable.Add("cluster", "kill -9 of one of two servers behind nginx, PostgreSQL + Ceph", Kills, model.Count, 0, recovery, "-");
        Assert.Equal(Kills * (Reads / Readers) * Readers, reads);
    }

    // Gives how often it had to be asked again; a wrong byte fails.
    private static async Task<int> ReadUntilAnsweredAsync(ArchiveClient client, string path, string hash)
    {
        for (var again = 0; ; again++)
        {
            Assert.True(again < 100, "No answer after 100 tries.");
            try
            {
                var (status, found) = await client.TryHashAsync(path);
                if (status == HttpStatusCode.OK)
                {
                    Assert.Equal(hash, found);
                    return again;
                }
                Assert.Contains(status, (HttpStatusCode[])[HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout]);
            }
            catch (Exception cut) when (Connection.WasLost(cut))
            {
                // A connection that ends early is to be asked again.
            }
            await Task.Delay(50);
        }
    }

    private static async Task SendAsync(ArchiveClient client, ConcurrentDictionary<string, string> model, int sender, CancellationToken over)
    {
        for (var step = 0; !over.IsCancellationRequested; step++)
        {
            var series = string.Create(CultureInfo.InvariantCulture, $"2.25.91{sender:D4}");
            await StoreAsync(client, model, Enumerable.Range(0, 5).Select(i => (Path(series, Sop(sender, step * 5 + i)), File(series, Sop(sender, step * 5 + i), i))).ToList());
        }
    }

    // The same again until it is acknowledged.
    private static async Task StoreAsync(ArchiveClient client, ConcurrentDictionary<string, string> model, List<(string Path, byte[] File)> batch)
    {
        for (var again = 0; ; again++)
        {
            Assert.True(again < 100, "Not stored after 100 tries.");
            try
            {
                var reply = await client.StowAsync(batch.ConvertAll(part => part.File));
                if (reply.Status == HttpStatusCode.OK)
                {
                    Assert.Equal(batch.Count, reply.Stored.Count);
                    batch.ForEach(part => model[part.Path] = Convert.ToHexString(SHA256.HashData(part.File)));
                    return;
                }
                Assert.Contains(reply.Status, (HttpStatusCode[])[HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout]);
            }
            catch (Exception cut) when (Connection.WasLost(cut))
            {
            }
            await Task.Delay(50);
        }
    }

    private static string Sop(int sender, int number) => string.Create(CultureInfo.InvariantCulture, $"2.25.92{sender:D4}{number:D5}");

    private static string Path(string series, string sop) => $"studies/{Study}/series/{series}/instances/{sop}";

    private static byte[] File(string series, string sop, int number) =>
        Instances.File(new InstanceSpec(Study, series, sop) { Rows = 96, Columns = 96, InstanceNumber = number + 1 });
}

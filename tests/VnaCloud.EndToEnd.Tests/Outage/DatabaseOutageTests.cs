using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Outage;

/// <summary>PostgreSQL dies in a storm of uploads and comes back (checklist reliability F10): 503 meanwhile, nothing lost, no restart of ours.</summary>
public sealed class DatabaseOutageTests(ITestOutputHelper output)
{
    private const int Senders = 8;
    private static readonly int Crashes = TestLength.Of(normal: 3, full: 20);
    private static readonly TimeSpan RecoversWithin = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Database_KilledAndStartedInAStorm_LosesNothingAndIsFoundAgain()
    {
        TestLength.SkipInFast("a durable PostgreSQL is killed and started again.");
        await using var postgres = await PostgresServer.StartAsync(0, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        await using var server = await ServerProcess.StartAsync(null,
            "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={await postgres.CreateDatabaseAsync()};Maximum Pool Size=16");
        using var client = new ArchiveClient(server.BaseUrl);
        var model = new ConcurrentDictionary<string, string>();
        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        using var over = new CancellationTokenSource();
        long lastStored = 0;
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var step = 0; !over.IsCancellationRequested; step++)
            {
                var files = Enumerable.Range(0, 4).Select(i => (Path: Path(sender, step, i), File: File(sender, step, i))).ToList();
                while (true)
                {
                    var reply = await client.StowAsync(files.ConvertAll(part => part.File));
                    statuses.AddOrUpdate(reply.Status, 1, static (_, count) => count + 1);
                    if (reply.Status == HttpStatusCode.OK)
                    {
                        files.ForEach(part => model[part.Path] = Convert.ToHexString(SHA256.HashData(part.File)));
                        Volatile.Write(ref lastStored, Stopwatch.GetTimestamp());
                        break;
                    }
                    await Task.Delay(100);
                }
            }
        })).ToArray();
        var recovery = TimeSpan.Zero;
        for (var crash = 0; crash < Crashes; crash++)
        {
            await Task.Delay(1500);
            await postgres.RunAsync("kill");
            await Task.Delay(1500);
            await postgres.RunAsync("restart");
            var up = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref lastStored) < up)
            {
                Assert.True(Stopwatch.GetElapsedTime(up) < RecoversWithin, "Nothing was stored within ten seconds after the database was back.");
                await Task.Delay(20);
            }
            recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, Stopwatch.GetElapsedTime(up).Ticks));
        }
        await over.CancelAsync();
        await Task.WhenAll(senders);
        var lost = 0;
        foreach (var (path, hash) in model)
        {
            lost += await client.HashAsync(path) == hash ? 0 : 1;
        }
        output.WriteLine($"{model.Count} instances, {string.Join(", ", statuses.Select(status => $"{(int)status.Key}: {status.Value}"))}");
        FaultTable.Add("F10", "PostgreSQL stopped at once and started again in a storm", Crashes, model.Count, lost, recovery, "-");
        Assert.Equal(0, lost);
        Assert.All(statuses.Keys, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status} in an outage."));
        Assert.Contains(HttpStatusCode.ServiceUnavailable, statuses.Keys);
    }

    private static string Sop(int sender, int step, int i) => string.Create(CultureInfo.InvariantCulture, $"2.25.93{sender:D2}{step:D6}{i}");

    private static string Path(int sender, int step, int i) => $"studies/2.25.94{sender:D2}/series/2.25.95/instances/{Sop(sender, step, i)}";

    private static byte[] File(int sender, int step, int i) =>
        Instances.File(new InstanceSpec(string.Create(CultureInfo.InvariantCulture, $"2.25.94{sender:D2}"), "2.25.95", Sop(sender, step, i)) { InstanceNumber = i + 1 });
}

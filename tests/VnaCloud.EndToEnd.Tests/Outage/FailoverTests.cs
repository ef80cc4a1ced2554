using System.Diagnostics;
using System.Globalization;
using System.Net;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Outage;

/// <summary>
/// The primary of PostgreSQL dies and its standby takes over (checklist reliability F11, F12): the server finds it by itself, collects
/// nothing until the store was compared, and takes back what the standby had never got.
/// </summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private const string Adopt = "adopt";
    private const string Off = "has taken over";
    private const string Study = "2.25.960";
    private const int Known = 40;
    private static readonly TimeSpan StormBefore = TestLength.Of(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
    private static readonly int Missed = TestLength.Of(fast: 60, normal: 200, full: 1_000);
    private static readonly TimeSpan RecoversWithin = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Failover_ToASynchronousStandbyInAStorm_LosesNothing()
    {
        var seed = FaultSeed.Next(output);
        await using var pair = await PostgresPair.StartAsync();
        await pair.MakeSynchronousAsync();
        await using var server = await ServerProcess.StartAsync(null, pair.Arguments);
        using var storm = new StubbornStorm(seed) { MayAnswer = HttpStatusCode.ServiceUnavailable };
        storm.Use(server);
        using var over = new CancellationTokenSource();
        var storming = Task.Run(async () =>
        {
            for (var round = 1; !over.IsCancellationRequested; round++)
            {
                await storm.SendAsync(round, senders: 8, requests: 4);
            }
        });
        await Task.Delay(StormBefore);
        await pair.HoldAsync(Adopt);
        var stopped = await pair.FailOverAsync();
        using var client = new ArchiveClient(server.BaseUrl);
        await StoreAsync(client, 0, 1, stopped);
        var recovery = Stopwatch.GetElapsedTime(stopped);

        Assert.False(await pair.IsCleanAsync());
        await WaitForLogAsync(server, Off);
        await Task.Delay(StormBefore);
        Assert.False(await pair.IsCleanAsync());
        await pair.GiveBackAsync(Adopt);
        await pair.WaitCleanAsync(RecoversWithin);
        await over.CancelAsync();
        await storming;

        var lost = 0;
        foreach (var entry in storm.Model.Entries)
        {
            lost += await client.TryHashAsync(entry.Instance.Path) is (HttpStatusCode.OK, { } hash) && hash == entry.Instance.Hash(0) ? 0 : 1;
        }
        output.WriteLine($"{storm.Model.Count} instances, {storm.Refused} refused, {storm.Unanswered} unanswered");
        FaultTable.Add("F11", "failover to a synchronous standby in a storm", 1, storm.Model.Count, lost, recovery, $"{seed}");
        Assert.Equal(0, lost);
        await storm.RequireAsync(static _ => true);
    }

    [Fact]
    public async Task Failover_ToAStandbyThatLacksCommits_BringsThemBackFromPacks()
    {
        await using var pair = await PostgresPair.StartAsync();
        await using var server = await ServerProcess.StartAsync(null, pair.Arguments);
        using var client = new ArchiveClient(server.BaseUrl);
        await StoreAsync(client, 0, Known);
        await pair.HoldAsync(Adopt);
        await pair.CutOffStandbyAsync();
        // All of this is acknowledged, and none of it will be known to the next primary.
        await StoreAsync(client, Known, Missed);
        Assert.Equal(HttpStatusCode.NoContent, await client.DeleteAsync(Path(0)));
        var packs = Packs(server);
        using var feed = new ChangeFeed(server.BaseUrl);
        await feed.ReadAsync();
        Assert.Equal(Known + Missed, feed.Created.Count);

        var stopped = await pair.FailOverAsync();
        await StoreAsync(client, Known + Missed, 1, stopped);
        // What the new primary decides by itself is not undone by what it missed. Of what was sent again after a 503 both packs are kept: that would come back.
        await StoreAsync(client, Known + Missed + 1, 1);
        Assert.Equal(HttpStatusCode.NoContent, await client.DeleteAsync(Path(Known + Missed + 1)));
        await WaitForLogAsync(server, Off);
        Assert.False(await pair.IsCleanAsync());
        Assert.Equal(Known + 1, (await client.SearchAsync($"studies/{Study}/instances?limit=5000")).Count);
        Assert.Equal(HttpStatusCode.OK, (await client.TryHashAsync(Path(0))).Status);
        Assert.False(await feed.ReadAsync(), "The feed went on in an index that lacks some of it.");

        var begun = Stopwatch.GetTimestamp();
        await pair.GiveBackAsync(Adopt);
        await pair.WaitCleanAsync(RecoversWithin + TimeSpan.FromSeconds(Missed / 20));
        var recovery = Stopwatch.GetElapsedTime(begun);
        var deleted = new HashSet<int> { 0, Known + Missed + 1 };
        var wrong = new List<string>();
        for (var i = 0; i < Known + Missed + 2; i++)
        {
            var (status, hash) = await client.TryHashAsync(Path(i));
            if (deleted.Contains(i) ? status != HttpStatusCode.NotFound : hash != Hash(i))
            {
                wrong.Add($"{i}: {status}");
            }
        }
        output.WriteLine($"{Missed} instances back after {recovery.TotalSeconds:F1} s");
        FaultTable.Add("F12", $"failover to a standby that lacks {Missed} instances and a delete", 1, Known + Missed + 4, wrong.Count, recovery, "-");
        Assert.Empty(wrong);
        Assert.Subset(Packs(server), packs);
        Assert.Equal(Known + Missed, (await client.SearchAsync($"studies/{Study}/instances?limit=5000")).Count);
        Assert.Equal(Known + Missed, ArchiveClient.Number(Assert.Single(await client.SearchAsync($"studies?StudyInstanceUID={Study}")), "00201208"));
        await Command.RequireAsync("dotnet", VnaCommand.Assembly, "verify", "--data", server.DataFolder, "--index", pair.Either);
    }

    [Fact]
    public async Task Start_AfterAFailover_WaitsUntilWhatWasMissedIsBack()
    {
        await using var pair = await PostgresPair.StartAsync();
        await using var server = await ServerProcess.StartAsync(null, pair.Arguments);
        using (var client = new ArchiveClient(server.BaseUrl))
        {
            await pair.CutOffStandbyAsync();
            await StoreAsync(client, 0, 20);
        }
        await server.StopAsync();
        await pair.FailOverAsync();

        await using var again = await ServerProcess.StartAsync(server.DataFolder, pair.Arguments);

        Assert.Contains(Off, again.LogText);
        using var after = new ArchiveClient(again.BaseUrl);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(Hash(i), await after.HashAsync(Path(i)));
        }
    }

    // The same again until it is acknowledged: 503 while there is no primary.
    private static async Task StoreAsync(ArchiveClient client, int first, int count, long? outageSince = null)
    {
        foreach (var batch in Enumerable.Range(first, count).Chunk(20))
        {
            while ((await client.StowAsync([.. batch.Select(File)])).Status is var status && status != HttpStatusCode.OK)
            {
                Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
                Assert.True(outageSince is { } since && Stopwatch.GetElapsedTime(since) < RecoversWithin, "Nothing can be stored.");
                await Task.Delay(100);
            }
        }
    }

    private static async Task WaitForLogAsync(ServerProcess server, string text)
    {
        for (var watch = Stopwatch.StartNew(); !server.LogText.Contains(text, StringComparison.Ordinal); await Task.Delay(50))
        {
            Assert.True(watch.Elapsed < RecoversWithin, $"'{text}' was never logged.");
        }
    }

    private static HashSet<string> Packs(ServerProcess server) => [.. Directory.EnumerateFiles(server.DataFolder, "*.tar", SearchOption.AllDirectories)];

    private static string Sop(int number) => string.Create(CultureInfo.InvariantCulture, $"{Study}.1.{number}");

    private static string Path(int number) => $"studies/{Study}/series/{Study}.1/instances/{Sop(number)}";

    private static byte[] File(int number) => Instances.File(new InstanceSpec(Study, $"{Study}.1", Sop(number)) { InstanceNumber = number + 1 });

    private static string Hash(int number) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File(number)));
}

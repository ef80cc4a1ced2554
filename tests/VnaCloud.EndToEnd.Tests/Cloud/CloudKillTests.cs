namespace VnaCloud.EndToEnd.Tests.Cloud;

/// <summary>
/// kill -9 of servers on PostgreSQL and Ceph; their clients repeat what was not answered, to the server that is there then (checklist
/// reliability K0 to K6, F1 to F9).
/// </summary>
public sealed class CloudKillTests(CloudServers servers, ITestOutputHelper output)
{
    private const int StormSenders = 50;
    private const int StormRequests = 2;
    private const int StormInstances = 200;

    [Fact]
    public async Task Server_KilledAsChosenBytesPass_StoresOnceWhatItsClientsRepeat()
    {
        var kills = TestLength.Of(fast: CloudKillPoint.All.Count, normal: 20, full: 200);
        await using var run = await CloudKills.BeginAsync(await servers.NewArchiveAsync(), output);
        var random = new Random(run.Seed);
        // A round that does not come to the n-th piece is no kill.
        for (var round = 0; run.Deaths.Count < kills && round < 3 * kills; round++)
        {
            var point = CloudKillPoint.All[round % CloudKillPoint.All.Count];
            run.Server.KillAt(point, random.Next(1, point.Most + 1));
            var sending = point.NeedsParts
                ? run.Storm.SendAsync(round, senders: 2, requests: 1, large: true)
                : run.Storm.SendAsync(round, senders: 5, requests: 3);
            await run.FollowAsync(sending, point.Window);
        }
        await run.EndAsync("F1-F8", "kill -9 as chosen bytes pass (K0 to K6), PostgreSQL + Ceph");
        Assert.Equal(kills, run.Deaths.Count);
        Assert.Equal(Math.Min(kills, CloudKillPoint.All.Count), run.Deaths.Distinct().Count());
    }

    [Fact]
    public async Task Server_KilledInAStormOfFiftySenders_LosesNothing()
    {
        var rounds = TestLength.Of(fast: 1, normal: 5, full: 100);
        await using var run = await CloudKills.BeginAsync(await servers.NewArchiveAsync(), output, atLeast: StormInstances / StormSenders / StormRequests);
        var moments = new Random(run.Seed);
        var inFlight = 0;
        for (var round = 1; round <= rounds; round++)
        {
            var before = run.Storm.Unanswered;
            var first = run.Storm.NextStored;
            var sending = run.Storm.SendAsync(round, StormSenders, StormRequests);
            await Task.WhenAny(first, sending);
            await Task.Delay(moments.Next(10, 400));
            await run.Server.KillAsync();
            await run.FollowAsync(sending, "storm");
            inFlight += run.Storm.Unanswered > before ? 1 : 0;
            Assert.True(run.Storm.Model.Count >= round * StormInstances);
        }
        await run.EndAsync("F9", $"kill -9 in a storm of {StormSenders} senders and {StormInstances} instances or more a round, PostgreSQL + Ceph");
        Assert.Equal(rounds, run.Deaths.Count);
        Assert.True(inFlight * 10 >= rounds * 6, $"Only {inFlight} of {rounds} kills met a request in flight.");
    }
}

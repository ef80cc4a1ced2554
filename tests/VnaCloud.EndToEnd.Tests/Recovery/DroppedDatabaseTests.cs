using System.Diagnostics;
using System.Net;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>The whole database is gone; the bucket alone gives it back (checklist reliability F39).</summary>
[Collection(RecoveryServers.Name)]
public sealed class DroppedDatabaseTests(RecoveryServers servers, ITestOutputHelper output)
{
    private static readonly int Many = TestLength.Of(fast: 2_100, normal: 2_100, full: 20_000);

    [Fact]
    [Trait("fault", "F39")]
    public async Task Database_DroppedAndReindexKilledHalfWay_AnswersAsBefore()
    {
        var (archive, seed) = (await servers.NewArchiveAsync(), FaultSeed.Next(output));
        var (stored, database) = (new StoredStudies(seed), archive.Database);
        var before = await FilledAsync(archive, stored, async client =>
        {
            await RecoveryMix.StoreManyAsync(client, stored, Many);
            await RecoveryMix.KillCompactionAsync(archive);
            await stored.StoreAsync(client, 30, 1..4);
            await stored.DeleteAsync(client, stored.Path(1, 2, 1));
        });
        await database.DropAsync();

        await archive.VnaAsync("migrate-schema");
        await database.HoldAsync("instance");
        using (var killed = archive.BeginVna("reindex"))
        {
            await database.WaitForHeldAsync();
            await killed.Kill9Async();
        }
        await database.ReleaseAsync();
        Assert.InRange(await database.CountAsync("instance"), 1, stored.Live.Count() - 1);
        await using (var half = await archive.StartUnreadyAsync())
        {
            using var refusing = new ArchiveAnswers(half.BaseUrl);
            Assert.Contains("vna reindex", (await refusing.RefusalAsync()).Text, StringComparison.Ordinal);
        }
        var begun = Stopwatch.GetTimestamp();
        var said = await archive.VnaAsync("reindex");
        output.WriteLine(said);
        await using var server = await archive.StartAsync();
        var recovery = Stopwatch.GetElapsedTime(begun);
        using var answers = new ArchiveAnswers(server.BaseUrl);
        var lost = await stored.CountLostAsync(answers);

        FaultTable.Add("F39", "database dropped, vna reindex from Ceph killed by kill -9 half way", 2, stored.Acknowledged, lost, recovery, $"{seed}");
        Assert.Equal(0, lost);
        Assert.Equal(before, await answers.DumpAsync(stored));
        Assert.Contains("Going on with a rebuild that was stopped", said, StringComparison.Ordinal);
        Assert.Contains("instances/s", said, StringComparison.Ordinal);
        await archive.VnaAsync("verify");
    }

    [Fact]
    [Trait("fault", "F39")]
    public async Task Server_OnAnEmptyDatabaseOverAFullBucket_CollectsNothingAndReindexBringsAllBack()
    {
        var (archive, seed) = (await servers.NewArchiveAsync(), FaultSeed.Next(output));
        var stored = new StoredStudies(seed);
        var before = await FilledAsync(archive, stored, static _ => Task.CompletedTask);
        await archive.Database.DropAsync();
        await archive.VnaAsync("migrate-schema");
        await archive.Database.SetClockAheadAsync(TimeSpan.FromDays(7)); // all packs are old enough to be collected
        var keys = await archive.KeysAsync();

        await using var server = await archive.StartUnreadyAsync();
        using var answers = new ArchiveAnswers(server.BaseUrl);
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        var (status, text) = await answers.RefusalAsync();
        foreach (var command in (string[])["collect", "adopt"])
        {
            using var refused = archive.BeginVna(command);
            var (code, said) = await refused.EndAsync();
            Assert.Equal(1, code);
            Assert.Contains("vna reindex", said, StringComparison.Ordinal);
        }
        var kept = await archive.KeysAsync();
        var begun = Stopwatch.GetTimestamp();
        await archive.VnaAsync("reindex");
        await server.WaitReadyAsync();
        var recovery = Stopwatch.GetElapsedTime(begun);
        var lost = await stored.CountLostAsync(answers);

        FaultTable.Add("F39", "server on an empty database over the full bucket, a week later", 1, stored.Acknowledged, lost, recovery, $"{seed}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("vna reindex", text, StringComparison.Ordinal);
        Assert.Equal(keys, kept);
        Assert.Equal(0, lost);
        Assert.Equal(before, await answers.DumpAsync(stored));
    }

    // What a client sees at last; the server is stopped.
    private static async Task<string> FilledAsync(CloudArchive archive, StoredStudies stored, Func<ArchiveClient, Task> more)
    {
        await using var server = await archive.StartAsync();
        using var client = new ArchiveClient(server.BaseUrl);
        await RecoveryMix.StoreAsync(client, archive, stored);
        await more(client);
        using var answers = new ArchiveAnswers(server.BaseUrl);
        Assert.Equal(0, await stored.CountLostAsync(answers));
        var before = await answers.DumpAsync(stored);
        Assert.Equal(0, await server.StopAsync());
        return before;
    }
}

using System.Diagnostics;
using System.Net;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>A database that was restored from a backup is older than the bucket (checklist reliability F40).</summary>
[Collection(RecoveryServers.Name)]
public sealed class OldIndexTests(RecoveryServers servers, ITestOutputHelper output)
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    [Fact]
    [Trait("fault", "F40")]
    public async Task Database_RestoredFromAWeekAgo_CollectsNothingAndAdoptBringsAllBack()
    {
        var (archive, seed) = (await servers.NewArchiveAsync(), FaultSeed.Next(output));
        var (stored, database) = (new StoredStudies(seed), archive.Database);
        using var folder = new DumpFolder();
        var before = await LivedOnAsync(archive, stored, folder.File);
        await database.DropAsync();
        await database.RestoreAsync(folder.File);
        await database.SetClockAheadAsync(Week);
        var keys = await archive.KeysAsync();

        await using var server = await archive.StartUnreadyAsync();
        using var answers = new ArchiveAnswers(server.BaseUrl);
        await Task.Delay(TimeSpan.FromSeconds(2.5)); // the server's own collector has its chances
        var (refusal, ready) = (await answers.RefusalAsync(), await answers.ReadyAsync());
        using (var collect = archive.BeginVna("collect"))
        {
            var (code, why) = await collect.EndAsync();
            Assert.True(code == 1 && why.Contains("vna adopt", StringComparison.Ordinal), why);
        }
        var kept = await archive.KeysAsync();
        var begun = Stopwatch.GetTimestamp();
        var said = await archive.VnaAsync("adopt");
        output.WriteLine(said);
        await server.WaitReadyAsync();
        var recovery = Stopwatch.GetElapsedTime(begun);
        var lost = await stored.CountLostAsync(answers) + keys.Except(kept).Count();

        FaultTable.Add("F40", "PostgreSQL restored from a dump of a week ago, vna adopt from Ceph", 1, stored.Acknowledged, lost, recovery, $"{seed}");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (refusal.Status, ready));
        Assert.Contains("vna adopt", refusal.Text, StringComparison.Ordinal);
        Assert.Equal(keys, kept);
        Assert.Equal(0, lost);
        Assert.Equal(before, await answers.DumpAsync(stored));
        Assert.Contains("instances/s", said, StringComparison.Ordinal);
        await CollectsAgainAsync(archive, stored, answers, kept.Count);
    }

    // A dump is taken beside the running server; then the archive goes on, is compacted, and ten of its old packs are collected.
    private static async Task<string> LivedOnAsync(CloudArchive archive, StoredStudies stored, string dump)
    {
        await using var server = await archive.StartAsync();
        using var client = new ArchiveClient(server.BaseUrl);
        await RecoveryMix.StoreAsync(client, archive, stored);
        await archive.Database.DumpAsync(dump);
        await RecoveryMix.GoOnAsync(client, archive, stored);
        await archive.Database.SetClockAheadAsync(TimeSpan.FromMinutes(20));
        await archive.VnaAsync("compact");
        using var answers = new ArchiveAnswers(server.BaseUrl);
        Assert.Equal(0, await stored.CountLostAsync(answers));
        var before = await answers.DumpAsync(stored);
        Assert.Equal(0, await server.StopAsync());
        // One run without the server's own beside it: each deletes ten at most, and some must be left for the end of the test.
        await archive.Database.SetClockAheadAsync(TimeSpan.FromHours(49));
        Assert.Contains(" 10 deleted", await archive.VnaAsync("collect"), StringComparison.Ordinal);
        await archive.Database.ResetClockAsync();
        return before;
    }

    // It was not for want of a collector, or of packs that are old enough, that nothing had gone.
    private static async Task CollectsAgainAsync(CloudArchive archive, StoredStudies stored, ArchiveAnswers answers, int keys)
    {
        var waited = Stopwatch.StartNew();
        while ((await archive.KeysAsync()).Count >= keys)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), "Nothing is collected although the index is complete.");
            await Task.Delay(200);
        }
        Assert.Equal(0, await stored.CountLostAsync(answers));
    }
}

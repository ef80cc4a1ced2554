using System.Globalization;
using System.Net;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>An fsync that fails is no acknowledgement, and what it was for is written again under another name (checklist reliability F27).</summary>
public sealed class FailedSyncTests(ITestOutputHelper output)
{
    private const string Log = "index.db-wal", Database = "index.db";

    private const int Senders = 4, Requests = 4;

    [Fact]
    public async Task Server_WhoseDiskFailsAtAnyFsync_AcknowledgesNothingThatItDoesNotHaveAndLives()
    {
        TestLength.SkipInFast("every call of the server is traced.");
        ServerTrace.Require();
        var seed = FaultSeed.Next(output);
        var random = new Random(seed);
        var rounds = TestLength.Of(normal: 20, full: 200);
        var folder = Directory.CreateTempSubdirectory("vnacloud-eio-").FullName;
        using var storm = new StubbornStorm(seed) { MayAnswer = HttpStatusCode.InternalServerError };
        await using (var server = await ServerProcess.StartAsync(folder))
        {
            storm.Use(server);
            for (var round = 0; round < rounds; round++)
            {
                var file = (round % 4) switch { 0 => Log, 1 => Database, _ => null };
                var when = random.Next(1, file == Database ? 2 : 8).ToString(CultureInfo.InvariantCulture);
                await using (await ServerTrace.InjectAsync(server, "fsync,fdatasync", "EIO", file is null ? null : Path.Combine(folder, file), when))
                {
                    await storm.SendAsync(round, Senders, Requests);
                }
                await storm.RequireAsync(entry => entry.Round == round);
            }
            await storm.RequireAsync(_ => true);
            Assert.True(storm.Unanswered == 0 && !server.HasExited, "The server gave up.");
            await server.Kill9();
        }
        await using (var again = await ServerProcess.StartAsync(folder))
        {
            storm.Use(again);
            await storm.RequireAsync(_ => true);
        }
        FaultTable.Add("F27", "EIO on fsync of a pack, its directory or SQLite's log", storm.Refused, storm.Model.Count, 0, null, $"{seed}");
        output.WriteLine($"{storm.Model.Count} instances, {storm.Refused} requests refused and repeated");
        Assert.True(storm.Refused * 2 >= rounds, $"Only {storm.Refused} requests met a failing fsync.");
        await VnaCommand.RequireCleanAsync(folder);
        await SqliteFile.CheckAsync(Path.Combine(folder, Database));
        Assert.Equal(storm.Model.Count, await SqliteFile.NumberAsync(Path.Combine(folder, Database), "SELECT count(DISTINCT sop_uid) FROM change WHERE kind = 0"));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(null, "the pack")]
    [InlineData(Log, "the index's log")]
    public async Task Stow_AfterAFailedFsync_TakesAnotherName(string? file, string what)
    {
        TestLength.SkipInFast("every call of the server is traced.");
        ServerTrace.Require();
        await using var server = await ServerProcess.StartAsync();
        using var client = new ArchiveClient(server.BaseUrl);
        var instance = Instances.Ct("2.25.27", "2.25.27.1", "2.25.27.1.1");
        await using (await ServerTrace.InjectAsync(server, "fsync,fdatasync", "EIO", file is null ? null : Path.Combine(server.DataFolder, file)))
        {
            var reply = await client.StowAsync(instance);
            Assert.True(reply.Status == HttpStatusCode.InternalServerError, $"EIO on {what}: {reply.Status}");
        }
        var left = Packs(server);

        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(instance)).Status);

        Assert.Single(Packs(server).Except(left));
        Assert.Equal(instance, await client.FileAsync("studies/2.25.27/series/2.25.27.1/instances/2.25.27.1.1"));
    }

    private static string[] Packs(ServerProcess server) => Directory.GetFiles(server.DataFolder, "*.tar", SearchOption.AllDirectories);
}

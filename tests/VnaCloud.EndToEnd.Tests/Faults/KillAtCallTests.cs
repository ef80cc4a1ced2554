using System.Diagnostics;
using System.Globalization;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>kill -9 of a server as it enters a chosen system call; its clients repeat what was not answered (checklist reliability K0 to K6, F1 to F8, F28).</summary>
public sealed class KillAtCallTests(ITestOutputHelper output)
{
    // A search that meets a cold server on a busy machine is no finding here.
    private const string Patient = "--Vna:Limits:StatementTimeoutSeconds=60";

    private const int Senders = 5;

    private const string Log = "index.db-wal", Database = "index.db";

    private static readonly KillPoint[] Ingest =
    [
        new("receiving", "recvmsg,recvfrom", null, 30),
        // Before any commit: the first of a round are packs.
        new("writing a pack", "pwrite64", null, 2),
        new("syncing a pack", "fsync", null, 1),
        new("linking a pack", "linkat", null, 3),
        new("syncing its directory", "fsync", null, 6),
        new("writing the commit", "pwrite64", Log, 60),
        new("syncing the commit", "fsync,fdatasync", Log, 4),
        new("answering", "sendto,sendmsg", null, 4),
    ];

    // The log is copied into the database page by page, then the database is synced: nothing else writes there.
    private static readonly KillPoint[] Checkpoint =
    [
        new("copying a page", "pwrite64", Database, 40),
        new("syncing the database", "fsync,fdatasync", Database, 1),
    ];

    [Fact]
    public async Task Server_KilledAtAnyCallOfAnIngest_StoresOnceWhatItsClientsRepeat()
    {
        var kills = TestLength.Of(normal: 20, full: 200);
        await RunAsync("F1-F8", "kill -9 at a chosen call of an ingest (K0 to K6), SQLite + folder", Ingest, kills, requests: 4, large: true);
    }

    [Fact]
    public async Task Server_KilledInACheckpoint_KeepsItsIndex()
    {
        var kills = TestLength.Of(normal: 20, full: 200);
        await RunAsync("F28", "kill -9 in a checkpoint of SQLite's log", Checkpoint, kills, requests: 10, large: false);
    }

    private async Task RunAsync(string id, string injected, KillPoint[] points, int kills, int requests, bool large)
    {
        TestLength.SkipInFast("each of these servers dies and starts again.");
        ServerTrace.Require();
        var seed = FaultSeed.Next(output);
        var random = new Random(seed);
        var (deaths, recovery) = (new List<string>(), TimeSpan.Zero);
        var folder = Directory.CreateTempSubdirectory("vnacloud-kill-").FullName;
        using var storm = new StubbornStorm(seed);
        var server = await ServerProcess.StartAsync(folder, Patient);
        try
        {
            // A round whose threads do not come to the n-th call is no kill.
            for (var round = 0; deaths.Count < kills && round < 3 * kills; round++)
            {
                storm.Use(server);
                var point = points[round % points.Length];
                var (death, sending) = await DieAsync(server, point, random.Next(1, point.Most + 1), () => storm.SendAsync(round, Senders, requests, large));
                if (death is not null)
                {
                    deaths.Add(death);
                    await server.DisposeAsync();
                    await CheckCopyAsync(folder);
                    var began = Stopwatch.GetTimestamp();
                    server = await ServerProcess.StartAsync(folder, Patient);
                    recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
                    storm.Use(server);
                }
                await sending;
                await storm.RequireAsync(entry => entry.Round == round);
            }
            await storm.RequireAsync(_ => true);
        }
        finally
        {
            await server.DisposeAsync();
        }
        FaultTable.Add(id, injected, deaths.Count, storm.Model.Count, 0, recovery, $"{seed}");
        output.WriteLine($"{deaths.Count} of {kills} died: {string.Join(", ", deaths.CountBy(death => death).Select(pair => $"{pair.Key} {pair.Value}"))}");
        output.WriteLine($"{storm.Model.Count} instances, {storm.Unanswered} requests repeated");
        Assert.Equal(kills, deaths.Count);
        Assert.True(deaths.Distinct().Count() >= Math.Min(points.Length, kills) / 2, "The servers died in too few ways.");
        await RequireOnceAsync(folder, storm.Model.Count);
        Directory.Delete(folder, recursive: true);
    }

    // Null when the senders were done before any thread came to the n-th call.
    private static async Task<(string? Death, Task Sending)> DieAsync(ServerProcess server, KillPoint point, int when, Func<Task> send)
    {
        await using var trace = await ServerTrace.KillAtAsync(server, point.Call, when, point.File is null ? null : Path.Combine(server.DataFolder, point.File));
        var sending = send();
        while (!server.HasExited && !sending.IsCompleted)
        {
            await Task.Delay(10);
        }
        // A server that answered the last request may die right behind it.
        await trace.StopAsync();
        return (server.HasExited ? await trace.FatalCallAsync() : null, sending);
    }

    // What SQLite makes of the files as they are; the server finds them as the kill left them.
    private static async Task CheckCopyAsync(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("vnacloud-copy-").FullName;
        foreach (var file in (string[])[Database, Log])
        {
            File.Copy(Path.Combine(folder, file), Path.Combine(copy, file));
        }
        await SqliteFile.CheckAsync(Path.Combine(copy, Database));
        Directory.Delete(copy, recursive: true);
    }

    // However often its senders repeated it, an instance was created once.
    private static async Task RequireOnceAsync(string folder, int instances)
    {
        var index = Path.Combine(folder, Database);
        await VnaCommand.RequireCleanAsync(folder);
        await SqliteFile.CheckAsync(index);
        Assert.Equal(instances, await SqliteFile.NumberAsync(index, "SELECT count(*) FROM instance"));
        Assert.Equal(instances, await SqliteFile.NumberAsync(index, "SELECT count(*) FROM change"));
        Assert.Equal(instances, await SqliteFile.NumberAsync(index, "SELECT count(DISTINCT sop_uid) FROM change WHERE kind = 0"));
        Assert.Equal(instances, await SqliteFile.NumberAsync(index, "SELECT instances FROM tenant"));
    }
}

using System.Diagnostics;
using Npgsql;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>Compaction without pause, among STOW, WADO and DELETE, with kill -9 of the server anywhere in it (checklist reliability F34).</summary>
public sealed class CompactionKillTests(ITestOutputHelper output)
{
    // Whoever dies in a compaction holds its lease for two minutes; those are not waited for here.
    private const string Forget = "DELETE FROM lease";

    // All that the server wrote is copied to be looked through.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private static readonly string[] Busy =
    [
        "--Vna:Maintenance:QuietSeconds=0", "--Vna:Maintenance:CompactSeconds=1", "--Vna:Maintenance:CollectSeconds=1", "--Vna:Maintenance:CheckpointSeconds=1",
        "--Vna:Maintenance:ReconcileSeconds=1", "--Vna:Maintenance:BytesPerSecond=0",
    ];

    [Fact]
    [Trait("fault", "F34")]
    public async Task Server_KilledWhileItCompacts_OnSqliteAndFolder_ServesTheSameBytes()
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-compaction-").FullName;
        try
        {
            await StormAsync("SQLite + folder", TestLength.Of(fast: 1, normal: 4, full: 40), folder, [],
                () => SqliteFile.ExecuteAsync(Path.Combine(folder, "index.db"), Forget));
            await VnaCommand.RequireCleanAsync(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [Trait("fault", "F34")]
    public async Task Server_KilledWhileItCompacts_OnPostgresAndCeph_ServesTheSameBytes()
    {
        Assert.SkipWhen(TestLength.IsFast, "The fast run does not start Ceph.");
        Assert.SkipWhen(S3Server.NoCeph is not null, S3Server.NoCeph ?? "");
        await using var ceph = await S3Server.StartCephAsync();
        await using var postgres = await PostgresServer.StartAsync(0, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var database = await postgres.CreateDatabaseAsync();
        string[] stack = [.. ceph.Arguments(await ceph.CreateBucketAsync()), "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={database};Maximum Pool Size=20"];
        await StormAsync("PostgreSQL + Ceph", TestLength.Of(fast: 1, normal: 1, full: 40), null, stack, async () =>
        {
            await using var connection = new NpgsqlConnection(database + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(Forget, connection);
            await command.ExecuteNonQueryAsync();
        });
    }

    private async Task StormAsync(string stack, int kills, string? folder, string[] arguments, Func<Task> forgetLeases)
    {
        var seed = FaultSeed.Next(output);
        var moments = new Random(seed);
        using var storm = new CompactionStorm(seed);
        var (compacted, recovery) = (0, TimeSpan.Zero);
        var server = await ServerProcess.StartAsync(folder, [.. Busy, .. arguments]);
        try
        {
            storm.Use(server);
            using var over = new CancellationTokenSource();
            var running = storm.RunAsync(over.Token);
            for (var kill = 1; kill <= kills; kill++)
            {
                await UntilCompactedAsync(server, running);
                await Task.Delay(moments.Next(1_200));
                compacted += Compactions(server);
                await server.Kill9();
                await forgetLeases();
                var died = Stopwatch.GetTimestamp();
                var next = await ServerProcess.StartAsync(folder, [.. Busy, .. arguments]);
                await server.DisposeAsync();
                server = next;
                storm.Use(server);
                recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, Stopwatch.GetElapsedTime(died).Ticks));
            }
            await UntilCompactedAsync(server, running);
            await over.CancelAsync();
            await running;
            compacted += Compactions(server);
            var lost = await storm.LostAsync();
            output.WriteLine($"{stack}: {storm.Stored} stored, {storm.Deleted} deleted, {storm.Reads} reads, {compacted} compactions, {kills} kills");
            FaultTable.Add("F34", $"kill -9 while it compacts among STOW, WADO and DELETE, {stack}", kills, storm.Stored + storm.Deleted, lost, recovery, $"{seed}");
            Assert.Equal(0, lost);
            Assert.Equal(storm.Stored, await storm.ListedAsync());
            Assert.DoesNotContain("Alarm of", server.LogText, StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task UntilCompactedAsync(ServerProcess server, Task running)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Compactions(server) == 0)
        {
            Assert.False(running.IsFaulted, $"{running.Exception}");
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(60), $"Nothing was compacted in a minute: {server.LogText}");
            await Task.Delay(LookEvery);
        }
    }

    // "compact: 2 packs written, ..."
    private static int Compactions(ServerProcess server) => server.LogText.Split('\n')
        .Count(static line => line.Contains("compact: ", StringComparison.Ordinal) && line.Contains("packs written", StringComparison.Ordinal));
}

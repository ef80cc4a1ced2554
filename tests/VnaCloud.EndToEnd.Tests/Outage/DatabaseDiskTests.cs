using System.Diagnostics;
using System.Globalization;
using System.Net;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Outage;

/// <summary>The disk of PostgreSQL's tables is full (checklist reliability F15): 503, nothing half there, and on by itself with room again.</summary>
public sealed class DatabaseDiskTests
{
    private const int DiskBytes = 64 << 20;
    private static readonly int Fills = TestLength.Of(fast: 1, normal: 2, full: 10);

    [Fact]
    public async Task Stow_DatabaseWithoutRoom_Is503AndWorksAgainWithRoom()
    {
        await using var disk = await SmallDisk.MountAsync(DiskBytes);
        await using var postgres = await PostgresServer.StartAsync(0, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var space = Path.Combine(disk.Path, "space");
        Directory.CreateDirectory(space);
        await Command.RequireAsync("chmod", "755", disk.Path);
        await Command.RequireAsync("chown", $"--reference={postgres.Folder}", space);
        var database = await postgres.CreateDatabaseAsync();
        var name = new Npgsql.NpgsqlConnectionStringBuilder(database).Database;
        await PostgresServer.AskAsync(postgres.ConnectionString, $"CREATE TABLESPACE small LOCATION '{space}'");
        await PostgresServer.AskAsync(postgres.ConnectionString, $"ALTER DATABASE {name} SET TABLESPACE small");
        await using var server = await ServerProcess.StartAsync(null,
            "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={database};Maximum Pool Size=8");
        using var client = new ArchiveClient(server.BaseUrl);
        var (stored, next, refused, recovery) = (new List<int>(), 0, 0, TimeSpan.Zero);
        for (var fill = 0; fill < Fills; fill++)
        {
            Assert.Equal(HttpStatusCode.OK, await StoreAsync(client, stored, next++));
            var filler = Path.Combine(disk.Path, "filler");
            try
            {
                disk.Fill(filler, leaving: 0);
            }
            catch (IOException)
            {
                // PostgreSQL took the last of the room itself meanwhile.
            }
            var begun = refused;
            for (var tries = 0; refused == begun; tries++)
            {
                Assert.True(tries < 500, "The tables found room on a full disk.");
                refused += await StoreAsync(client, stored, next++) == HttpStatusCode.OK ? 0 : 1;
            }
            Assert.Equal(HttpStatusCode.OK, (await client.TryHashAsync(PathOf(stored[0], 0))).Status);
            File.Delete(filler);
            var watch = Stopwatch.StartNew();
            while (await StoreAsync(client, stored, next++) != HttpStatusCode.OK)
            {
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "Nothing can be stored although there is room.");
                await Task.Delay(50);
            }
            recovery = recovery > watch.Elapsed ? recovery : watch.Elapsed;
        }
        var (lost, partial) = (0, 0);
        for (var study = 0; study < next; study++)
        {
            var count = (await client.SearchAsync($"studies/{StudyOf(study)}/instances")).Count;
            lost += stored.Contains(study) && count != PerStudy ? 1 : 0;
            partial += count is 0 or PerStudy ? 0 : 1;
        }
        FaultTable.Add("F15", "full disk under PostgreSQL's tables", refused, stored.Count, lost + partial, recovery, "-");
        Assert.Equal((0, 0), (lost, partial));
    }

    private const int PerStudy = 4;

    private static async Task<HttpStatusCode> StoreAsync(ArchiveClient client, List<int> stored, int study)
    {
        var status = (await client.StowAsync([.. Enumerable.Range(0, PerStudy).Select(i => Instances.File(new InstanceSpec(StudyOf(study), $"{StudyOf(study)}.1", $"{StudyOf(study)}.1.{i}")))])).Status;
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status} from a full disk.");
        if (status == HttpStatusCode.OK)
        {
            stored.Add(study);
        }
        return status;
    }

    private static string StudyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"2.25.98.{number}");

    private static string PathOf(int study, int number) => $"studies/{StudyOf(study)}/series/{StudyOf(study)}.1/instances/{StudyOf(study)}.1.{number}";
}

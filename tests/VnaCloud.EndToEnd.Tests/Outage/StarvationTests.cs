using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Npgsql;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Outage;

/// <summary>
/// PostgreSQL is there and has nothing to give (checklist reliability F16): storing is 503, what was read lately is read on, and all
/// goes on by itself afterwards.
/// </summary>
public sealed class StarvationTests
{
    private const string Study = "2.25.970";
    private const int Known = 30;
    private static readonly TimeSpan RecoversWithin = TimeSpan.FromSeconds(10);
    private static readonly int Outages = TestLength.Of(fast: 1, normal: 1, full: 10);

    [Fact]
    public async Task Connections_AllTaken_StoringIs503AndReadingGoesOn()
    {
        await using var postgres = await PostgresServer.StartAsync(0, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var database = await postgres.CreateDatabaseAsync();
        await PostgresServer.AskAsync(database, "ALTER SYSTEM SET max_connections = 20");
        await postgres.RunAsync("stop");
        await postgres.RunAsync("restart");
        // Idle connections go at once, so that others can take their places.
        await using var server = await ServerProcess.StartAsync(null, "--Vna:Index:Provider=Postgres",
            $"--Vna:Index:ConnectionString={database};Maximum Pool Size=8;Connection Idle Lifetime=1;Connection Pruning Interval=1", "--Vna:Maintenance:Enabled=false");
        using var client = new ArchiveClient(server.BaseUrl);
        await StoreKnownAsync(client);
        var recovery = TimeSpan.Zero;
        for (var outage = 0; outage < Outages; outage++)
        {
            await ReadLatelyAsync(client);
            var taken = new List<NpgsqlConnection>();
            await TakeAllAsync(database, taken);

            await RequireOutageAsync(client, server);

            foreach (var connection in taken)
            {
                await connection.DisposeAsync();
            }
            recovery = Max(recovery, await RecoverAsync(client, Known + outage));
        }
        await ReportAsync(client, "F16", "every connection of PostgreSQL taken by others", recovery);
    }

    [Fact]
    public async Task Pool_HeldByStatementsThatWait_StoringIs503AndReadingGoesOn()
    {
        await using var postgres = await PostgresServer.StartAsync(0, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerProcess.StartAsync(null, "--Vna:Index:Provider=Postgres",
            $"--Vna:Index:ConnectionString={database};Maximum Pool Size=3;Timeout=2", "--Vna:Maintenance:Enabled=false");
        using var client = new ArchiveClient(server.BaseUrl);
        await StoreKnownAsync(client);
        await ReadLatelyAsync(client);
        await using var holder = new NpgsqlConnection(database);
        await holder.OpenAsync();
        var transaction = await holder.BeginTransactionAsync();
        await new NpgsqlCommand("LOCK TABLE study IN ACCESS EXCLUSIVE MODE", holder).ExecuteNonQueryAsync();
        var storms = Enumerable.Range(0, 6).Select(i => client.StowAsync(File(500 + i))).ToArray();

        await RequireOutageAsync(client, server);

        await transaction.RollbackAsync();
        Assert.All(await Task.WhenAll(storms), static reply => Assert.True(reply.Status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{reply.Status}"));
        var recovery = await RecoverAsync(client, Known);
        await ReportAsync(client, "F16", "pool of connections held by waiting statements", recovery);
    }

    // Takes what is free until nothing has become free for a while; the server's own connections are idle and go.
    private static async Task TakeAllAsync(string database, List<NpgsqlConnection> taken)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ToString();
        for (var refused = Stopwatch.StartNew(); refused.Elapsed < TimeSpan.FromSeconds(4);)
        {
            var connection = new NpgsqlConnection(unpooled);
            try
            {
                await connection.OpenAsync();
                taken.Add(connection);
                refused.Restart();
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                await Task.Delay(100);
            }
        }
    }

    private static async Task RequireOutageAsync(ArchiveClient client, ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.BaseUrl, "dicom-web/") };
        using var body = new StowBody([File(900)]);
        using var refused = await http.PostAsync(new Uri("studies", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        // By the study's own view, as a part of it, and whole.
        foreach (var (path, accept) in new[]
        {
            (Path(0), "application/dicom; transfer-syntax=*"), (Path(Known - 1), "application/dicom; transfer-syntax=*"),
            ($"studies/{Study}/metadata", "application/dicom+json"), ($"{Path(3)}/frames/1", "application/octet-stream; transfer-syntax=*"),
        })
        {
            using var answer = await client.SendAsync(path, accept);
            Assert.Equal("111 - \"Revalidation Failed\"", string.Join(", ", answer.Headers.GetValues("Warning")));
            Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync());
        }
        Assert.Equal(Hash(0), await client.HashAsync(Path(0)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.TryHashAsync($"studies/2.25.971/series/2.25.971.1/instances/2.25.971.1.1")).Status);
    }

    private static async Task StoreKnownAsync(ArchiveClient client)
    {
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync([.. Enumerable.Range(0, Known).Select(File)])).Status);
    }

    private static async Task ReadLatelyAsync(ArchiveClient client)
    {
        using var answer = await client.SendAsync($"studies/{Study}/metadata", "application/dicom+json");
        Assert.False(answer.Headers.Contains("Warning"));
        await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<TimeSpan> RecoverAsync(ArchiveClient client, int number)
    {
        var watch = Stopwatch.StartNew();
        while ((await client.StowAsync(File(number))).Status != HttpStatusCode.OK)
        {
            Assert.True(watch.Elapsed < RecoversWithin, "Nothing can be stored although there are connections again.");
            await Task.Delay(100);
        }
        return watch.Elapsed;
    }

    private static async Task ReportAsync(ArchiveClient client, string id, string injected, TimeSpan recovery)
    {
        var lost = 0;
        for (var i = 0; i < Known; i++)
        {
            using var answer = await client.SendAsync(Path(i), "application/dicom; transfer-syntax=*");
            lost += !answer.Headers.Contains("Warning") && Convert.ToHexString(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync())) == Hash(i) ? 0 : 1;
        }
        FaultTable.Add(id, injected, Outages, Known, lost, recovery, "-");
        Assert.Equal(0, lost);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static string Path(int number) => string.Create(CultureInfo.InvariantCulture, $"studies/{Study}/series/{Study}.1/instances/{Study}.1.{number}");

    private static byte[] File(int number) => Instances.File(new InstanceSpec(Study, $"{Study}.1", string.Create(CultureInfo.InvariantCulture, $"{Study}.1.{number}")) { InstanceNumber = number + 1 });

    private static string Hash(int number) => Convert.ToHexString(SHA256.HashData(File(number)));
}

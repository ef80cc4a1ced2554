using System.Globalization;
using System.Net;
using Npgsql;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Plans;

/// <summary>What a STOW request costs the database and the bucket, counted from outside.</summary>
public sealed class StowCostTests(ITestOutputHelper output)
{
    private const int RoundTrips = 3, ObjectsPerThousand = 15;

    [Fact]
    public async Task Stow_OfOneAndOfAHundredInstances_TakesThreeRoundTripsToTheDatabaseAtMost()
    {
        await using var postgres = await PostgresServer.StartAsync(0, durable: false);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var database = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync()) { SslMode = SslMode.Disable };
        await using var proxy = new PostgresProxy(database.Host!, database.Port);
        database.Port = proxy.Port;
        await using var server = await ServerProcess.StartAsync(null,
            "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={database}", "--Vna:Maintenance:Enabled=false");
        using var client = new ArchiveClient(server.BaseUrl);
        // Opens the connection, whose own messages are not the request's.
        await StoreAsync(client, 1, 0, 1);
        foreach (var (name, study, first, count) in new[] { ("1, new study", 2, 0, 1), ("1 more", 2, 1, 1), ("100, new study", 3, 0, 100), ("100 more", 3, 100, 100) })
        {
            await QuietAsync(proxy);
            var before = proxy.RoundTrips;
            await StoreAsync(client, study, first, count);
            var taken = proxy.RoundTrips - before;
            output.WriteLine($"{name}: {taken} round trips");
            Assert.InRange(taken, 1, RoundTrips);
        }
    }

    [Fact]
    public async Task Bucket_AfterAThousandInstancesByHundreds_HoldsAFewObjects()
    {
        Assert.SkipWhen(S3Server.NoCeph is not null, S3Server.NoCeph ?? "");
        await using var ceph = await S3Server.StartCephAsync();
        await using var postgres = await PostgresServer.StartAsync(0, durable: false);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var bucket = await ceph.CreateBucketAsync();
        var empty = (await ceph.ListAsync(bucket)).Count;
        await using var server = await ServerProcess.StartAsync(null,
            [.. ceph.Arguments(bucket), "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={await postgres.CreateDatabaseAsync()};Maximum Pool Size=8"]);
        using var client = new ArchiveClient(server.BaseUrl);
        for (var request = 0; request < 10; request++)
        {
            await StoreAsync(client, study: 10 + (request / 2), first: request % 2 * 100, count: 100);
        }
        // Whatever follows a store by itself has begun by then: the journal, the mirror, the first checkpoint.
        await Task.Delay(TimeSpan.FromSeconds(3));

        var keys = await ceph.ListAsync(bucket);
        output.WriteLine($"{keys.Count} objects: {string.Join(", ", keys.CountBy(static key => key.Split('/') is [_, _, var kind, _, ..] ? kind : key))}");
        Assert.Equal(0, empty);
        Assert.Equal(10, keys.Count(static key => key.EndsWith(".tar", StringComparison.Ordinal)));
        Assert.InRange(keys.Count, 10, ObjectsPerThousand);
        Assert.Equal(1_000, (await client.SearchAsync("instances?limit=1001")).Count);
    }

    // What follows the request before, such as its record in the audit trail, is not of the next one.
    private static async Task QuietAsync(PostgresProxy proxy)
    {
        for (var (trips, round) = (-1L, 0); trips != proxy.RoundTrips; round++)
        {
            Assert.True(round < 60, "The server does not leave the database alone.");
            trips = proxy.RoundTrips;
            await Task.Delay(500);
        }
    }

    private static async Task StoreAsync(ArchiveClient client, int study, int first, int count)
    {
        string Uid(int n) => string.Create(CultureInfo.InvariantCulture, $"2.25.97{study}.{n}");
        var files = Enumerable.Range(first, count).Select(i => Instances.Ct(Uid(0), Uid(1), Uid(1) + "." + i, i)).ToList();
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(files)).Status);
    }
}

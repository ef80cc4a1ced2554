using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.EndToEnd.Tests.Outage;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Upgrade;

/// <summary>
/// Servers of two versions on one database and one store under load, the schema changed between them (checklist reliability F46): the new
/// one comes, migrates, serves beside the old one, and the old one goes.
/// </summary>
public sealed class RollingUpgradeTests(ITestOutputHelper output)
{
    /// <summary>The last one that knows the first schema only.</summary>
    private const string Earlier = "eafa3aa";

    private const int Senders = 6;
    private const int PerRequest = 4;
    private static readonly TimeSpan Stage = TestLength.Of(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));

    [Fact]
    public async Task Servers_OfTwoVersionsAroundAMigration_FailNoRequestAndSkipNoChange()
    {
        Assert.SkipWhen(TestLength.IsFast, "The fast run builds no earlier server.");
        using var earlier = await EarlierServer.BuildAsync(Earlier);
        await using var postgres = await PostgresServer.StartAsync(0, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var database = await postgres.CreateDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("vnacloud-upgrade-").FullName;
        try
        {
            string[] arguments = ["--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={database};Maximum Pool Size=12"];
            await using var old = await ServerProcess.StartBuildAsync(earlier.Assembly, folder, arguments);
            var load = new Load();
            load.Use(old.BaseUrl);
            using var feed = new ChangeFeed(old.BaseUrl);
            using var over = new CancellationTokenSource();
            var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => load.SendAsync(sender, over.Token))).ToArray();
            await Task.Delay(Stage);
            Assert.True(await feed.ReadAsync());
            var ofOld = load.Stored.Count;

            await using var next = await ServerProcess.StartAsync(folder, arguments);
            Assert.Equal(3L, await PostgresServer.AskAsync(database, "SELECT count(*) FROM \"__EFMigrationsHistory\""));
            load.Use(old.BaseUrl, next.BaseUrl);
            await Task.Delay(Stage);
            Assert.True(await feed.ReadAsync());
            feed.Use(next.BaseUrl);
            // As a balancer drains it: no new request, then the end.
            load.Use(next.BaseUrl);
            await load.DrainedAsync(old.BaseUrl);
            Assert.Equal(0, await old.StopAsync());
            await Task.Delay(Stage);
            await over.CancelAsync();
            await Task.WhenAll(senders);

            Assert.True(await feed.ReadAsync());
            var lost = await load.LostAsync(next.BaseUrl);
            var missed = load.Stored.Keys.Except(feed.Created).Count() + feed.Created.Count - feed.Created.Distinct().Count();
            output.WriteLine($"{load.Stored.Count} instances, {ofOld} before the migration; {string.Join(", ", load.Statuses.Select(status => $"{(int)status.Key}: {status.Value}"))}");
            FaultTable.Add("F46", $"server {Earlier} exchanged under load, schema migrated between", 1, load.Stored.Count, lost + missed, null, "-");
            Assert.Equal((0, 0), (lost, missed));
            Assert.All(load.Statuses.Keys, static status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status} in an upgrade."));
            Assert.True(ofOld > 0 && load.Answered(old.BaseUrl) > ofOld / PerRequest, "The old server answered nothing behind the migration.");
            await RequireRefusedAsync(earlier, folder, arguments);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // It has no rule for a newer schema yet and says so: a process that runs goes on, a new one of that version does not start.
    private static async Task RequireRefusedAsync(EarlierServer earlier, string folder, string[] arguments)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartBuildAsync(earlier.Assembly, folder, arguments));
        Assert.Contains("written by a newer version", refused.Message);
    }

    /// <summary>Senders that go round the servers and send again what was answered with 503; anything else but 200 stands in the statuses.</summary>
    private sealed class Load
    {
        private readonly ConcurrentDictionary<Uri, int> _inFlight = [];
        private readonly ConcurrentDictionary<Uri, int> _answered = [];
        private Uri[] _servers = [];
        private int _turn;

        /// <summary>SHA-256 by SOP Instance UID of all that was acknowledged.</summary>
        public ConcurrentDictionary<string, string> Stored { get; } = [];

        public ConcurrentDictionary<HttpStatusCode, int> Statuses { get; } = [];

        public void Use(params Uri[] servers) => Volatile.Write(ref _servers, servers);

        public int Answered(Uri server) => _answered[server];

        public async Task DrainedAsync(Uri server)
        {
            for (var i = 0; _inFlight[server] > 0; i++)
            {
                Assert.True(i < 500, "Requests to the old server do not end.");
                await Task.Delay(20);
            }
        }

        public async Task SendAsync(int sender, CancellationToken over)
        {
            var clients = new Dictionary<Uri, ArchiveClient>();
            for (var step = 0; !over.IsCancellationRequested; step++)
            {
                var sops = Enumerable.Range(0, PerRequest).Select(i => Sop(sender, step, i)).ToList();
                while (await AskAsync(clients, client => StatusAsync(client, sender, sops)) != HttpStatusCode.OK)
                {
                    await Task.Delay(50, CancellationToken.None);
                }
                sops.ForEach(sop => Stored[sop] = Convert.ToHexString(SHA256.HashData(File(sender, sop))));
                await AskAsync(clients, async client => (await client.TryHashAsync(PathOf(sender, sops[0]))).Status);
            }
            foreach (var client in clients.Values)
            {
                client.Dispose();
            }
        }

        public async Task<int> LostAsync(Uri server)
        {
            using var client = new ArchiveClient(server);
            var lost = 0;
            foreach (var (sop, hash) in Stored)
            {
                lost += (await client.TryHashAsync(PathOf(int.Parse(sop.Split('.')[3], CultureInfo.InvariantCulture), sop))).Hash == hash ? 0 : 1;
            }
            return lost;
        }

        private async Task<HttpStatusCode> AskAsync(Dictionary<Uri, ArchiveClient> clients, Func<ArchiveClient, Task<HttpStatusCode>> ask)
        {
            var server = Enter();
            try
            {
                if (!clients.TryGetValue(server, out var client))
                {
                    clients.Add(server, client = new ArchiveClient(server));
                }
                var status = await ask(client);
                Statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
                _answered.AddOrUpdate(server, 1, static (_, count) => count + 1);
                return status;
            }
            finally
            {
                _inFlight.AddOrUpdate(server, 0, static (_, count) => count - 1);
            }
        }

        // Counted before it is looked whether the server still is one: who drains it waits for this request, or it goes elsewhere.
        private Uri Enter()
        {
            while (true)
            {
                var servers = Volatile.Read(ref _servers);
                var server = servers[(uint)Interlocked.Increment(ref _turn) % servers.Length];
                _inFlight.AddOrUpdate(server, 1, static (_, count) => count + 1);
                if (Volatile.Read(ref _servers).Contains(server))
                {
                    return server;
                }
                _inFlight.AddOrUpdate(server, 0, static (_, count) => count - 1);
            }
        }

        private static async Task<HttpStatusCode> StatusAsync(ArchiveClient client, int sender, List<string> sops) =>
            (await client.StowAsync([.. sops.Select(sop => File(sender, sop))])).Status;

        private static string Sop(int sender, int step, int i) => string.Create(CultureInfo.InvariantCulture, $"2.25.99.{sender}.{step}.{i}");

        // Two studies that all share, and so rows that both versions lock.
        private static string StudyOf(int sender) => string.Create(CultureInfo.InvariantCulture, $"2.25.99.{1000 + sender % 2}");

        private static string PathOf(int sender, string sop) => $"studies/{StudyOf(sender)}/series/{StudyOf(sender)}.1/instances/{sop}";

        private static byte[] File(int sender, string sop) => Instances.File(new InstanceSpec(StudyOf(sender), $"{StudyOf(sender)}.1", sop));
    }
}

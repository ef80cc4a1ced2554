using System.Globalization;
using System.Net;
using System.Text;
using Npgsql;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Plans;

/// <summary>Fifty connections store into one study on PostgreSQL (checklist reliability F33): one row that all want must not be a queue.</summary>
public sealed class HotStudyTests(ITestOutputHelper output)
{
    private const int Senders = 50;
    private const double OfManyStudies = 0.7, OfSqlite = 0.8;
    private const int HeadBytes = 2_048;
    private const string InstancesOfStudy = "00201208";
    private static readonly int PerSender = TestLength.Of(fast: 4, normal: 20, full: 40);
    private static readonly int Rounds = TestLength.Of(fast: 1, normal: 2, full: 11);
    // Where rates are judged, an instance is a slice of a CT, and servers are as they start by default.
    private static readonly ushort Rows = TestLength.Of<ushort>(fast: 8, normal: 8, full: 512);
    private static readonly string[] Settings = TestLength.IsLong ? ["--Vna:Rehearsal=true"] : [];
    private static readonly byte[] Template = Instances.File(new InstanceSpec(Study(0, 0, 0), SeriesOf(Study(0, 0, 0), 0), SopOf(Study(0, 0, 0), 0, 0)) { Rows = Rows, Columns = Rows });

    [Fact]
    public async Task Stow_OfOneStudyFromFiftyConnectionsOnPostgres_CountsExactlyWithoutDeadlock()
    {
        await using var postgres = await PostgresServer.StartAsync(0, durable: true);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var database = await postgres.CreateDatabaseAsync();
        await using var server = await ServerProcess.StartAsync(null, ["--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={database}", .. Settings]);
        await using var sqlite = await ServerProcess.StartAsync(null, Settings);
        using var client = new ArchiveClient(server.BaseUrl, Senders);
        using var other = new ArchiveClient(sqlite.BaseUrl, Senders);
        var (hot, spread, onSqlite) = (new List<double>(), new List<double>(), new List<double>());
        var wrong = 0;
        for (var round = 0; round <= Rounds; round++)
        {
            var one = Study(round, 1, 0);
            string[] many = [.. Enumerable.Range(0, Senders).Select(sender => Study(round, 2, sender))];
            hot.Add(await RateAsync(client, _ => one));
            spread.Add(await RateAsync(client, sender => many[sender]));
            onSqlite.Add(await RateAsync(other, sender => many[sender]));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hot[^1]:F0} {spread[^1]:F0} {onSqlite[^1]:F0}/s: {hot[^1] / spread[^1]:P0}, {spread[^1] / onSqlite[^1]:P0}"));
            wrong += Math.Abs((Senders * PerSender) - await CountAsync(client, one)) + Math.Abs(PerSender - await CountAsync(client, many[round]));
        }
        var deadlocks = await DeadlocksAsync(database);
        // The first round warms up. What is compared was measured one right after the other.
        var (ofMany, ofSqlite) = (Median([.. hot.Zip(spread, static (one, many) => one / many)]), Median([.. spread.Zip(onSqlite, static (here, there) => here / there)]));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"one study {Median(hot):F0}/s, {Senders} studies {Median(spread):F0}/s ({ofMany:P0}), SQLite {Median(onSqlite):F0}/s ({ofSqlite:P0}), {deadlocks} deadlocks"));
        FaultTable.Add("F33", "one study from 50 connections at once, PostgreSQL", Rounds + 1, (Rounds + 1) * Senders * PerSender, wrong, null, "-");
        Assert.Equal(0, deadlocks);
        Assert.Equal(0, wrong);
        if (TestLength.IsLong)
        {
            Assert.True(ofMany >= OfManyStudies, $"One study takes {ofMany:P0} of the rate of many.");
            Assert.True(ofSqlite >= OfSqlite, $"PostgreSQL takes {ofSqlite:P0} of SQLite's rate.");
        }
    }

    // All of one length, so that a file is a template with other digits: making each anew would take the servers' processors.
    private static string Study(int round, int kind, int sender) => string.Create(CultureInfo.InvariantCulture, $"2.25.96{round:D2}{kind}1{sender:D2}");

    private static string SeriesOf(string study, int number) => string.Create(CultureInfo.InvariantCulture, $"{study}.{number % 4}");

    private static string SopOf(string study, int sender, int number) => string.Create(CultureInfo.InvariantCulture, $"{study}.{number % 4}.1{sender:D2}{number:D3}");

    private static byte[] File(string study, int sender, int number)
    {
        var file = Template.ToArray();
        Replace(SopOf(Study(0, 0, 0), 0, 0), SopOf(study, sender, number));
        Replace(SeriesOf(Study(0, 0, 0), 0), SeriesOf(study, number));
        Replace(Study(0, 0, 0), study);
        return file;

        void Replace(string from, string to)
        {
            var (before, after) = (Encoding.ASCII.GetBytes(from), Encoding.ASCII.GetBytes(to));
            Assert.Equal(before.Length, after.Length);
            var head = file.AsSpan(0, Math.Min(file.Length, HeadBytes));
            for (int at; (at = head.IndexOf(before)) >= 0; head = head[(at + before.Length)..])
            {
                after.CopyTo(head[at..]);
            }
        }
    }

    private static double Median(List<double> rates) => rates.Skip(1).Order().ElementAt((rates.Count - 1) / 2);

    private static async Task<double> RateAsync(ArchiveClient client, Func<int, string> studyOf)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            var study = studyOf(sender);
            for (var i = 0; i < PerSender; i++)
            {
                var reply = await client.StowAsync(File(study, sender, i));
                Assert.Equal(HttpStatusCode.OK, reply.Status);
            }
        })));
        return Senders * PerSender / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<int> CountAsync(ArchiveClient client, string study)
    {
        var match = Assert.Single(await client.SearchAsync($"studies?StudyInstanceUID={study}&includefield={InstancesOfStudy}"));
        var listed = (await client.SearchAsync($"studies/{study}/instances?limit=5000")).Count;
        return ArchiveClient.Number(match, InstancesOfStudy) == listed ? listed : -1;
    }

    private static async Task<long> DeadlocksAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

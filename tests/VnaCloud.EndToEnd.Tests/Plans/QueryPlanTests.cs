using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Npgsql;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Plans;

/// <summary>
/// The plans of canonical searches over HTTP, as PostgreSQL ran them with its default planner: auto_explain tells them to the server's
/// connections, and a proxy on the wire listens.
/// </summary>
public sealed partial class QueryPlanTests(ITestOutputHelper output)
{
    private const string Explain = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on"
        + " -c auto_explain.log_buffers=on -c auto_explain.log_timing=off -c auto_explain.log_format=json -c auto_explain.log_level=notice";

    // Names a database that was filled before, with tenant_count.packs = 0, for who works on the queries.
    private const string Filled = "VNA_TEST_PLANS";

    private static readonly int Studies = TestLength.Of(normal: 30_000, full: 1_000_000);

    [Fact]
    public async Task Searches_OfALargeArchive_ScanNoTableAndReadABoundedNumberOfPages()
    {
        TestLength.SkipInFast("plans of a small archive say nothing.");
        await using var postgres = await PostgresServer.StartAsync(0, durable: false);
        Assert.SkipWhen(postgres is null, PostgresServer.Missing);
        var database = Environment.GetEnvironmentVariable(Filled) is { Length: > 0 } filled ? filled : await postgres.CreateDatabaseAsync();
        var notices = new ConcurrentQueue<string>();
        var where = new NpgsqlConnectionStringBuilder(database);
        await using var proxy = new PostgresProxy(where.Host!, where.Port) { Notice = notices.Enqueue };
        var through = new NpgsqlConnectionStringBuilder(database) { Port = proxy.Port, SslMode = SslMode.Disable, Options = Explain, MaxPoolSize = 2 };
        await using var server = await ServerProcess.StartAsync(null,
            "--Vna:Index:Provider=Postgres", $"--Vna:Index:ConnectionString={through}", "--Vna:Maintenance:Enabled=false");
        using var http = new HttpClient { BaseAddress = server.BaseUrl };
        await FillAsync(database);
        var (sample, count) = await SampleAsync(database);

        var failures = new List<string>();
        foreach (var query in CanonicalQueries.For(sample, count))
        {
            // Twice: what is measured has its statements prepared and the pages in memory, as in a server that runs.
            await AskAsync(http, query);
            await AskAsync(http, query);
            var total = await AskAsync(http, query, notices.Clear);
            Judge(query, count, total, [.. notices.Select(PlanReading.Read).OfType<PlanReading>().Where(plan => !IsSetting(plan))], failures);
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private void Judge(CanonicalQuery query, int studies, string total, List<PlanReading> plans, List<string> failures)
    {
        var buffers = plans.Sum(plan => plan.Buffers);
        var keys = plans.MaxBy(plan => plan.Buffers);
        var path = Uri.UnescapeDataString(query.Path) + (query.FollowedTo > 0 ? $", page {query.FollowedTo + 1}" : "");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {path} | {total} | {query.Class} | {plans.Sum(plan => plan.Milliseconds):F1} | {buffers} | {keys?.Top} |"));
        if (!char.IsAsciiDigit(total[0]))
        {
            failures.Add($"{path}: {total}");
        }
        failures.AddRange(plans.SelectMany(plan => plan.Scans).Where(scan => SequentialScan().IsMatch(scan)).Select(scan => $"{path}: {scan}"));
        if (buffers > Limit(query.Class, studies))
        {
            failures.Add($"{path}: {buffers} pages, at most {Limit(query.Class, studies)}\n   {string.Join("\n   ", plans.Where(plan => plan.Buffers > 500).Select(plan => $"{plan.Buffers}: {plan.Top}"))}");
        }
    }

    private static int Limit(QueryClass kind, int studies) => kind switch
    {
        QueryClass.Page => 3_000,
        QueryClass.CountedInIndex => 14_000,
        QueryClass.CountedByLookup => 60_000,
        QueryClass.Matches => 50_000,
        _ => (2 * studies) + 3_000,
    };

    [GeneratedRegex("^Seq Scan (study|series|instance|pack|deleted_instance|attribute_set|patient|change)")]
    private static partial Regex SequentialScan();

    private static bool IsSetting(PlanReading plan) => plan.Statement.StartsWith("SELECT set_config", StringComparison.Ordinal);

    /// <summary>The total that the answer names; the status where it is no answer, or an empty one.</summary>
    private static async Task<string> AskAsync(HttpClient http, CanonicalQuery query, Action? beforeLast = null)
    {
        var path = $"dicom-web/{query.Path}";
        for (var page = 0; ; page++)
        {
            if (page == query.FollowedTo)
            {
                beforeLast?.Invoke();
            }
            using var answer = await http.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute));
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode != HttpStatusCode.OK || body.Length <= 2)
            {
                return $"{answer.StatusCode}";
            }
            var total = string.Join(' ', Values(answer, "X-Total-Count").Concat(Values(answer, "X-Total-Count-Relation")));
            if (page == query.FollowedTo)
            {
                return total;
            }
            path = NextLink().Match(Values(answer, "Link").Single()).Groups[1].Value;
        }
    }

    private static IEnumerable<string> Values(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? values : [];

    [GeneratedRegex("<(.*)>; rel=\"next\"")]
    private static partial Regex NextLink();

    // The server has made the schema, and knows the database for that of its own, empty folder.
    private async Task FillAsync(string database)
    {
        if (Environment.GetEnvironmentVariable(Filled) is { Length: > 0 })
        {
            return;
        }
        var started = TimeProvider.System.GetTimestamp();
        await ArchiveFilling.RunAsync(database, Studies);
        output.WriteLine($"{Studies} studies filled in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");
    }

    private static async Task<(SampleStudy Study, int Count)> SampleAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand("""
            SELECT study_uid, study_date, study_time, accession_number, patient_name, patient_id, referring_physician_name, study_id, patient_birth_date,
                scheduled_procedure_step_id, requested_procedure_id, (SELECT sum(studies)::int FROM tenant_count)
            FROM study JOIN series_request USING (tenant_id, study_uid)
            WHERE modalities = 'US' AND accession_number <> '' AND study_date BETWEEN '2018' AND '2020' ORDER BY study_uid LIMIT 1
            """);
        await using var row = await command.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        string Text(int column) => row.GetString(column);
        return (new SampleStudy(Text(0), Text(1), Text(2), Text(3), Text(4), Text(5), Text(6), Text(7), Text(8), Text(9), Text(10)), row.GetInt32(11));
    }
}

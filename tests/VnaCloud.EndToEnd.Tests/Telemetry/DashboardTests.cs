using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>Dashboards and alerts ask for what server and gateway really send, and every alert has its section of the runbooks.</summary>
[Collection("telemetry")]
public sealed partial class DashboardTests(TelemetryStack stack)
{
    private static readonly string Deploy = Path.Combine(Corpus.Repository, "deploy");

    // Prometheus' own, and those that the collector makes of the resource.
    private static readonly string[] Always = ["job", "instance", "le"];

    [Fact]
    public async Task Queries_NameMetricsAndLabels_ThatExist()
    {
        await stack.RequireAsync();
        var cancellation = TestContext.Current.CancellationToken;
        await UseAsync(cancellation);
        var received = await stack.Sink.WaitAsync(
            all => all.Metrics.Any(metric => metric.Name == "vna.gateway.forwarded.objects") && all.Metrics.Any(metric => metric.Name == "vna.storage.operation.duration")
                && all.Metrics.Any(metric => metric.Name == "http.server.request.duration" && metric.Points.Any(point => point.Attributes.GetValueOrDefault("http.route").ToString() == "/dicom-web/studies")), cancellation);
        var known = new Dictionary<string, HashSet<string>>();
        // What needs a crash or damage to be sent is known by the table, which other tests hold against the meters.
        foreach (var metric in TelemetryTables.Metrics())
        {
            Add(known, metric.Name, metric.Unit, metric.Kind, metric.Labels);
        }
        foreach (var metric in received.Metrics)
        {
            var labels = metric.Points.SelectMany(point => point.Attributes.Keys).Distinct().ToList();
            if (TelemetryTables.Metrics().FirstOrDefault(one => one.Name == metric.Name) is { } documented)
            {
                Assert.Equal((documented.Name, documented.Unit, documented.Kind, documented.Description), (metric.Name, metric.Unit, metric.Kind, metric.Description));
                Assert.True(labels.Order().SequenceEqual(documented.Labels.Order()), $"{metric.Name} has the labels {string.Join(", ", labels)}");
            }
            else
            {
                Assert.DoesNotContain("VnaCloud", metric.Scope, StringComparison.Ordinal);
            }
            Add(known, metric.Name, metric.Unit, metric.Kind, labels);
        }
        var queries = DashboardQueries().Concat(AlertQueries().Select(alert => (Where: alert.Name, alert.Expression))).ToList();
        Assert.True(queries.Count > 60, $"{queries.Count} queries");
        foreach (var (where, expression) in queries)
        {
            var named = PromQuery.Read(expression);
            Assert.NotEmpty(named);
            foreach (var (metric, labels) in named)
            {
                if (metric.StartsWith("db_client_", StringComparison.Ordinal) && !stack.HasDatabaseServer)
                {
                    continue;
                }
                Assert.True(known.ContainsKey(metric), $"{where}: {metric} is not sent ({expression})");
                var missing = labels.Except(known[metric]).Except(Always).ToList();
                Assert.True(missing.Count == 0, $"{where}: {metric} has no label {string.Join(", ", missing)} ({expression})");
            }
        }
    }

    [Fact]
    public async Task Spans_AreThoseOfTheTable()
    {
        await stack.RequireAsync();
        var cancellation = TestContext.Current.CancellationToken;
        await UseAsync(cancellation);
        var documented = TelemetryTables.Spans().Select(span => span.Name).Order().ToList();
        var received = await stack.Sink.WaitAsync(all => documented.TrueForAll(name => all.Spans.Any(span => span.Name == name) || (name == "codec job" && !NativeCodecs.Exists)), cancellation);
        var sent = received.Spans.Where(span => span.Scope.StartsWith("VnaCloud.", StringComparison.Ordinal)).Select(span => span.Name).Distinct().ToList();
        Assert.Empty(sent.Except(documented));
        Assert.Empty(documented.Except(sent).Except(NativeCodecs.Exists ? [] : ["codec job"]));
    }

    [Fact]
    public void Alerts_HaveSeverity_AndASectionOfTheRunbooks()
    {
        var sections = File.ReadLines(Path.Combine(Corpus.Repository, "docs/runbooks.md")).Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..].Trim()).ToHashSet();
        var alerts = AlertQueries().ToList();
        Assert.True(alerts.Count >= 20);
        foreach (var alert in alerts)
        {
            Assert.Matches("severity: (critical|warning)", alert.Text);
            Assert.Contains("summary: ", alert.Text, StringComparison.Ordinal);
            Assert.Contains("description: ", alert.Text, StringComparison.Ordinal);
            Assert.Contains($"runbook: docs/runbooks.md#{alert.Name.ToLowerInvariant()}", alert.Text, StringComparison.Ordinal);
            Assert.True(sections.Contains(alert.Name), $"docs/runbooks.md has no section {alert.Name}.");
        }
        Assert.Empty(sections.Where(section => char.IsUpper(section[0]) && !section.Contains(' ', StringComparison.Ordinal)).Except(alerts.Select(alert => alert.Name)));
    }

    [Theory]
    [InlineData("check", "vnacloud.rules.yaml")]
    [InlineData("test", "vnacloud.test.yaml")]
    public async Task Rules_PassPromtool(string command, string file)
    {
        var result = await Tool.RunAsync("promtool", [command, "rules", Path.Combine(Deploy, "alerts", file)]);
        Assert.SkipWhen(result is null, "promtool is not installed (Debian: prometheus).");
        Assert.True(result!.ExitCode == 0, System.Text.Encoding.UTF8.GetString(result.Output) + result.Errors);
    }

    // Something of each kind: stored by the gateway, searched, read by way of the cache.
    private async Task UseAsync(CancellationToken cancellation)
    {
        const string Study = "1.2.826.0.1.3680043.9.100.4";
        await stack.StoreScuAsync(Instances.Ct(Study, Study + ".1", Study + ".1.1"));
        await stack.Gateway.DrainAsync();
        using var http = new HttpClient { BaseAddress = stack.Server.BaseUrl };
        // A picture as JPEG needs a codec's worker, which is not on every machine.
        string[] picture = NativeCodecs.Exists ? [$"studies/{Study}/series/{Study}.1/instances/{Study}.1.1/rendered?quality=80"] : [];
        foreach (var path in new[] { "studies?limit=1", $"studies/{Study}/metadata", $"studies/{Study}/series/{Study}.1/instances/{Study}.1.1/frames/1" }.Concat(picture))
        {
            using var answer = await http.GetAsync(new Uri("dicom-web/" + path, UriKind.Relative), cancellation);
            answer.EnsureSuccessStatusCode();
        }
    }

    private static void Add(Dictionary<string, HashSet<string>> known, string name, string unit, string kind, IReadOnlyList<string> labels)
    {
        foreach (var series in PrometheusNames.Of(name, unit, kind))
        {
            if (!known.TryGetValue(series, out var all))
            {
                known.Add(series, all = []);
            }
            all.UnionWith(labels.Select(PrometheusNames.Label));
        }
    }

    private static IEnumerable<(string Where, string Expression)> DashboardQueries() =>
        from file in Directory.GetFiles(Path.Combine(Deploy, "dashboards"), "*.json")
        let board = JsonNode.Parse(File.ReadAllText(file))!
        from panel in board["panels"]!.AsArray()
        from target in panel!["targets"]!.AsArray()
        select ($"{Path.GetFileName(file)}, {panel["title"]}", target!["expr"]!.GetValue<string>());

    private static IEnumerable<(string Name, string Expression, string Text)> AlertQueries() =>
        from text in File.ReadAllText(Path.Combine(Deploy, "alerts/vnacloud.rules.yaml")).Split("- alert: ").Skip(1)
        select (text[..text.IndexOf('\n', StringComparison.Ordinal)].Trim(), Expression().Match(text).Groups[1].Value.Replace("''", "'", StringComparison.Ordinal), text);

    [GeneratedRegex("expr: '(.*)'\\n")]
    private static partial Regex Expression();
}

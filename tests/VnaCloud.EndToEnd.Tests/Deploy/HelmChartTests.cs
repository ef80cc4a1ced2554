using System.Text.Json;
using System.Text.RegularExpressions;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>The chart as a cluster would get it.</summary>
public sealed partial class HelmChartTests(Chart chart) : IClassFixture<Chart>
{
    private static readonly string[] Workloads = ["Deployment", "StatefulSet", "Job"];

    // Not the product's own: of the runtime, of libraries that it uses, and those that are values of others here.
    private static readonly string[] Foreign = ["ASPNETCORE_", "DOTNET_", "OTEL_", "PGPASSWORD", "SSL_CERT_DIR", "POD_", "Logging__"];

    public static TheoryData<string> Names => [.. Chart.Examples];

    public static TheoryData<string> Broken =>
        [.. Directory.GetFiles(Path.Combine(Corpus.Repository, "tests", "VnaCloud.EndToEnd.Tests", "Deploy", "broken"), "*.yaml").Select(file => Path.GetFileName(file)).Order()];

    [Fact]
    public void Examples_AreWhatKubernetesTakes()
    {
        Ready();
        Assert.Equal("", chart.Errors);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Example_IsTakenByTheSchema(string example)
    {
        Ready();
        Assert.Null(await chart.RefusalAsync(Chart.Example(example)));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task BrokenValues_AreRefusedWithWordsThatHelp(string file)
    {
        Ready();
        var path = Path.Combine(Corpus.Repository, "tests", "VnaCloud.EndToEnd.Tests", "Deploy", "broken", file);
        var expected = (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken))[0]["# refused: ".Length..];
        Assert.Contains(expected, await chart.RefusalAsync(Chart.Example("onprem-ceph"), path) ?? "taken", StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoValues_SayEverythingThatIsMissing()
    {
        Ready();
        var refusal = await chart.RefusalAsync() ?? "";
        foreach (var value in new[] { "image.repository:", "publicUrl:", "database.host:", "database.existingSecret.name:", "storage.s3.bucket:", "auth.mode:" })
        {
            Assert.Contains(value, refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Containers_CanDoNothingButTheirWork(string example)
    {
        Ready();
        foreach (var pod in Pods(example))
        {
            Assert.False(pod.GetProperty("automountServiceAccountToken").GetBoolean());
            var security = pod.GetProperty("securityContext");
            Assert.True(security.GetProperty("runAsNonRoot").GetBoolean());
            Assert.Equal(10001, security.GetProperty("runAsUser").GetInt32());
            Assert.Equal("RuntimeDefault", security.GetProperty("seccompProfile").GetProperty("type").GetString());
            foreach (var container in Containers(pod))
            {
                var own = container.GetProperty("securityContext");
                Assert.False(own.GetProperty("allowPrivilegeEscalation").GetBoolean());
                Assert.True(own.GetProperty("readOnlyRootFilesystem").GetBoolean());
                Assert.Equal(["ALL"], own.GetProperty("capabilities").GetProperty("drop").EnumerateArray().Select(item => item.GetString()));
                Assert.True(container.GetProperty("resources").GetProperty("limits").TryGetProperty("memory", out _));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Selectors_FindTheirPods_AndOnlyThose(string example)
    {
        Ready();
        var labels = chart.Of(example).Where(IsWorkload).ToDictionary(Name, workload => Labels(workload.GetProperty("spec").GetProperty("template").GetProperty("metadata").GetProperty("labels")));
        foreach (var document in chart.Of(example))
        {
            var kind = document.GetProperty("kind").GetString();
            if (!document.TryGetProperty("spec", out var spec) || (kind is "Deployment" or "StatefulSet" ? spec.GetProperty("selector").GetProperty("matchLabels")
                : kind is "Service" ? spec.GetProperty("selector") : kind is "PodDisruptionBudget" ? spec.GetProperty("selector").GetProperty("matchLabels")
                : kind is "NetworkPolicy" ? spec.GetProperty("podSelector").GetProperty("matchLabels") : default) is not { ValueKind: JsonValueKind.Object } selector)
            {
                continue;
            }
            var found = labels.Where(pod => Labels(selector).All(pair => pod.Value.TryGetValue(pair.Key, out var value) && value == pair.Value)).Select(pod => pod.Key).ToList();
            Assert.True(found.Count == 1, $"{kind} {Name(document)} selects {string.Join(", ", found)}");
            Assert.Equal(Name(document), found[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Server_HasTheTimeThatItTakesToStop(string example)
    {
        Ready();
        var pod = Pods(example).Single(pod => Containers(pod).Single().GetProperty("name").GetString() == "server");
        var container = Containers(pod).Single();
        var drain = int.Parse(Environment(container)["Vna__Limits__DrainSeconds"], System.Globalization.CultureInfo.InvariantCulture);
        var pause = int.Parse(container.GetProperty("lifecycle").GetProperty("preStop").GetProperty("exec").GetProperty("command")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(pod.GetProperty("terminationGracePeriodSeconds").GetInt32() >= pause + drain + 10);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Settings_AreTheProducts_AndProbesAskWhatItAnswers(string example)
    {
        Ready();
        Assert.NotEmpty(Pods(example));
        foreach (var container in Pods(example).SelectMany(Containers))
        {
            var environment = Environment(container);
            var name = container.GetProperty("name").GetString()!;
            var prefix = name == "gateway" ? "Gateway__" : "Vna__";
            Assert.All(environment.Keys, variable => Assert.True(variable.StartsWith(prefix, StringComparison.Ordinal) || Array.Exists(Foreign, foreign => variable.StartsWith(foreign, StringComparison.Ordinal)), variable));
            if (name == "migration")
            {
                Assert.Equal(["vna", "migrate-schema"], container.GetProperty("command").EnumerateArray().Select(item => item.GetString()));
                continue;
            }
            var probes = new[] { "startupProbe", "livenessProbe", "readinessProbe" }.Select(probe => container.GetProperty(probe).GetProperty("httpGet").GetProperty("path").GetString()!).ToList();
            using var machine = new Machine(environment);
            if (name == "maintenance")
            {
                // The server's settings but for one, and free ones: not started once more.
                Assert.Equal(Pods(example).SelectMany(Containers).Where(other => other.GetProperty("name").GetString() == "server").SelectMany(other => Environment(other).Keys).Where(key => !key.StartsWith("Vna__Limits__Qido", StringComparison.Ordinal)), environment.Keys);
            }
            else if (name == "gateway")
            {
                await machine.WriteSettingsAsync(chart.Of(example, "ConfigMap").First().GetProperty("data").GetProperty("appsettings.json").GetString()!);
                Assert.Equal([200, 200, 200], await Product.AskGatewayAsync(machine.Environment, machine.Folder, probes));
            }
            else
            {
                Assert.Equal([200, 200, 503], await Product.AskServerAsync(machine.Environment, machine.Folder, probes));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Secrets_AreNamed_NeverWritten(string example)
    {
        Ready();
        Assert.Empty(chart.Of(example, "Secret"));
        foreach (var variable in Pods(example).SelectMany(Containers).SelectMany(container => container.GetProperty("env").EnumerateArray()))
        {
            var name = variable.GetProperty("name").GetString()!;
            if (SecretName().IsMatch(name))
            {
                Assert.True(variable.GetProperty("valueFrom").TryGetProperty("secretKeyRef", out _), name);
            }
        }
        Assert.DoesNotMatch(Password(), await chart.TextAsync(example));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Maintenance_IsDoneByItsOwnPod_AndTheSchemaByTheJob(string example)
    {
        Ready();
        var all = Pods(example).SelectMany(Containers).ToDictionary(container => container.GetProperty("name").GetString()!, Environment);
        Assert.Equal("false", all["server"]["Vna__Maintenance__Enabled"]);
        Assert.Equal("true", all["maintenance"]["Vna__Maintenance__Enabled"]);
        Assert.All(["server", "maintenance"], name => Assert.Equal("false", all[name]["Vna__Index__AutoMigrate"]));
        Assert.Equal("pre-install,pre-upgrade", chart.Of(example, "Job").Single().GetProperty("metadata").GetProperty("annotations").GetProperty("helm.sh/hook").GetString());
    }

    [Fact]
    public async Task Readme_ListsEveryValue()
    {
        Ready();
        var values = await Command.RequireAsync("node", "--input-type=module", "-e", """
            import fs from 'node:fs';
            import { createRequire } from 'node:module';
            const { parse } = createRequire(process.argv[2])('yaml');
            const names = (value, name) => value && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0 && !/annotations|labels|resources$/.test(name)
              ? Object.entries(value).flatMap(([key, child]) => names(child, name ? `${name}.${key}` : key)) : [name];
            console.log(names(parse(fs.readFileSync(process.argv[1], 'utf8')), '').join('\n'));
            """, Path.Combine(Chart.Folder, "values.yaml"), Path.Combine(Corpus.Repository, "tests", "servers", "helm", "package.json"));
        var readme = await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "README.md"), TestContext.Current.CancellationToken);
        var listed = TableName().Matches(readme).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(values.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private void Ready() => Assert.SkipWhen(chart.Missing is not null, chart.Missing ?? "");

    private IEnumerable<JsonElement> Pods(string example) =>
        chart.Of(example).Where(IsWorkload).Select(workload => workload.GetProperty("spec").GetProperty("template").GetProperty("spec"));

    private static bool IsWorkload(JsonElement document) => Workloads.Contains(document.GetProperty("kind").GetString());

    private static string Name(JsonElement document) => document.GetProperty("metadata").GetProperty("name").GetString()!;

    private static IEnumerable<JsonElement> Containers(JsonElement pod) => pod.GetProperty("containers").EnumerateArray();

    private static Dictionary<string, string> Labels(JsonElement labels) => labels.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!);

    // What a Secret would hold is made up.
    private static Dictionary<string, string> Environment(JsonElement container) => container.GetProperty("env").EnumerateArray()
        .ToDictionary(variable => variable.GetProperty("name").GetString()!, variable => variable.TryGetProperty("value", out var value) ? value.GetString()! : "made-up");

    [GeneratedRegex("PASSWORD|Password|Secret|AccessKey|EncryptionKey")]
    private static partial Regex SecretName();

    [GeneratedRegex("(?i)(password|pwd|secretkey)=")]
    private static partial Regex Password();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableName();
}

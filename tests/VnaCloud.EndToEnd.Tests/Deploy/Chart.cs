using System.Text.Json;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>The chart, its renderer and its validators (tests/servers/helm); each example is rendered once.</summary>
public sealed class Chart : IAsyncLifetime
{
    public static readonly string[] Examples = ["aws", "azure", "gcp", "onprem-ceph"];
    private static readonly string Tools = Path.Combine(Corpus.Repository, "tests", "servers", "helm");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vnacloud-chart-");
    private readonly Dictionary<string, List<JsonElement>> _documents = [];

    public static string Folder { get; } = Path.Combine(Corpus.Repository, "helm", "vnacloud");

    /// <summary>Why there is none; null when all is well.</summary>
    public string? Missing { get; private set; }

    /// <summary>What the validators say of the examples' manifests; empty when nothing.</summary>
    public string Errors { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (TestLength.IsFast)
        {
            Missing = "Not in the inner loop: builds a renderer.";
            return;
        }
        if (!Command.Exists("go") || !Directory.Exists("/usr/share/gocode/src/github.com/Masterminds/sprig"))
        {
            Missing = "golang-go and golang-github-masterminds-sprig-dev are not installed: test.sh does.";
            return;
        }
        Missing = await NodeScripts.InstallAsync(Tools, "kubernetes-models", CancellationToken.None);
        if (Missing is not null)
        {
            return;
        }
        await Command.RequireAsync(Path.Combine(Tools, "build.sh"), Renderer);
        foreach (var example in Examples)
        {
            await File.WriteAllTextAsync(Rendered(example), await Command.RequireAsync(Renderer, "-n", "vna", "-f", Example(example), "vna", Folder));
        }
        var (_, output, errors) = await NodeScripts.RunAsync("node", Tools, CancellationToken.None, ["manifests.mjs", .. Examples.Select(Rendered)]);
        Errors = errors;
        if (output.Length > 0)
        {
            using var json = JsonDocument.Parse(output);
            foreach (var (example, documents) in Examples.Zip(json.RootElement.EnumerateArray()))
            {
                _documents[example] = [.. documents.EnumerateArray().Select(document => document.Clone())];
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    public static string Example(string name) => Path.Combine(Folder, "examples", $"{name}.yaml");

    /// <summary>The rendered text.</summary>
    public Task<string> TextAsync(string example) => File.ReadAllTextAsync(Rendered(example));

    /// <summary>The manifests of a kind, or all.</summary>
    internal IEnumerable<JsonElement> Of(string example, string? kind = null) =>
        _documents[example].Where(document => kind is null || document.GetProperty("kind").GetString() == kind);

    /// <summary>What Helm would refuse the values with: the schema's words, else those of the templates; null when it takes them.</summary>
    internal async Task<string?> RefusalAsync(params IReadOnlyList<string> valuesFiles)
    {
        string[] arguments = [.. valuesFiles.SelectMany(file => new[] { "-f", file }), "vna", Folder];
        var values = await Command.RequireAsync(Renderer, ["-values", .. arguments]);
        var check = await Tool.RunAsync("node", [Path.Combine(Tools, "values.mjs"), Path.Combine(Folder, "values.schema.json")], values);
        if (check is not { ExitCode: 0 })
        {
            return check?.Errors ?? "node is not installed.";
        }
        var rendered = await Command.RunAsync(Renderer, arguments);
        return rendered.ExitCode == 0 ? null : rendered.Errors;
    }

    private string Renderer => Path.Combine(_folder.FullName, "helmlite");

    private string Rendered(string example) => Path.Combine(_folder.FullName, $"{example}.yaml");
}

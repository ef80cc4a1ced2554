using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Deploy;

/// <summary>The units for systemd.</summary>
public sealed class UnitTests
{
    private static readonly string Deploy = Path.Combine(Corpus.Repository, "deploy");

    public static TheoryData<string> Units => ["site/vnacloud-gateway.service", "systemd/vnacloud-server.service"];

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Unit_IsOne_AndHardened(string unit)
    {
        Assert.SkipWhen(!Command.Exists("systemd-analyze"), "systemd-analyze is not on this machine (Debian: systemd).");
        var path = Path.Combine(Deploy, unit);
        var verified = await Command.RunAsync("systemd-analyze", "verify", path);
        // What it starts is installed elsewhere; all other words are about the unit.
        var words = verified.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("is not executable", StringComparison.Ordinal)).ToList();
        Assert.Empty(words);
        var security = await Command.RunAsync("systemd-analyze", "security", "--offline=true", "--threshold=25", path);
        Assert.True(security.ExitCode == 0, security.Output);
    }

    [Fact]
    public async Task Server_TakesWhatTheUnitSays()
    {
        TestLength.SkipInFast("starts the product.");
        var environment = Environment("systemd/vnacloud-server.service");
        foreach (var line in File.ReadLines(Path.Combine(Deploy, "systemd", "server.env")).Where(line => line.Length > 0 && line[0] != '#'))
        {
            environment[line.Split('=')[0]] = line[(line.IndexOf('=') + 1)..];
        }
        using var machine = new Machine(environment);
        Directory.CreateDirectory(machine.Environment["Vna__Storage__Path"]);
        // SQLite and a folder: ready at once.
        Assert.Equal([200, 200], await Product.AskServerAsync(machine.Environment, machine.Folder, "/health/live", "/health/ready"));
    }

    [Fact]
    public async Task Gateway_TakesWhatTheUnitSays()
    {
        TestLength.SkipInFast("starts the product.");
        var environment = Environment("site/vnacloud-gateway.service");
        Assert.Equal("%d/token", environment["Gateway__Archive__TokenFile"]);
        environment["Gateway__Archive__TokenFile"] = "/run/secrets/vnacloud/token";
        using var machine = new Machine(environment);
        await machine.WriteSettingsAsync(await File.ReadAllTextAsync(Path.Combine(Deploy, "site", "appsettings.json"), TestContext.Current.CancellationToken));
        Assert.Equal([200, 200], await Product.AskGatewayAsync(machine.Environment, machine.Folder, "/health/live", "/health/ready"));
    }

    private static Dictionary<string, string> Environment(string unit) => File.ReadLines(Path.Combine(Deploy, unit))
        .Where(line => line.StartsWith("Environment=", StringComparison.Ordinal)).Select(line => line["Environment=".Length..])
        .ToDictionary(setting => setting.Split('=')[0], setting => setting[(setting.IndexOf('=') + 1)..]);
}

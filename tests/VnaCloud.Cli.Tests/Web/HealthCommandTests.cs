using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Cli.Tests.Web;

public class HealthCommandTests
{
    [Fact]
    public async Task Health_OfARunningServer_IsZeroOnceItIsReady_AndOneWhenItIsGone()
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(folder.In("data"));
        Assert.StartsWith("200 {\"status\":\"Healthy\"", await Vna.OkAsync("health", $"{server.Address}health/live"), StringComparison.Ordinal);
        await server.KillAsync();
        var (code, _, errors) = await Vna.RunAsync("health", $"{server.Address}health/ready");
        Assert.Equal(1, code);
        Assert.Contains("does not answer", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_OfAServerThatIsNotReady_IsOne()
    {
        await using var service = new ScriptedService(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"u8.ToArray());
            exchange.Close();
        });
        var (code, output, _) = await Vna.RunAsync("health", $"{service.Url}");
        Assert.Equal(1, code);
        Assert.StartsWith("503 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_OfNoUrl_IsASentence()
    {
        var (code, _, errors) = await Vna.RunAsync("health", "localhost:8080");
        Assert.Equal(1, code);
        Assert.StartsWith("URL is an absolute", errors, StringComparison.Ordinal);
    }
}

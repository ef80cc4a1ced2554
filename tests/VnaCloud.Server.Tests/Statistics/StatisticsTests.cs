using System.Net;
using System.Text.Json.Nodes;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Statistics;

/// <summary>GET /statistics over HTTP; what is counted is StatisticsContract's.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public async Task Answer_HasTotals_EachDay_AndModalities()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        var answer = await ReadAsync(server, "/statistics?days=7");
        Assert.Equal((1, 1, 2), ((int)answer["totals"]!["studies"]!, (int)answer["totals"]!["series"]!, (int)answer["totals"]!["instances"]!));
        var days = answer["days"]!.AsArray();
        Assert.Equal(7, days.Count);
        Assert.Equal(1, days.Sum(day => (int)day!["studies"]!));
        Assert.Equal((long)answer["totals"]!["bytes"]!, days.Sum(day => (long)day!["bytes"]!));
        Assert.Equal(days.Select(day => day!["day"]!.ToString()).Order(StringComparer.Ordinal), days.Select(day => day!["day"]!.ToString()));
        Assert.Equal(("CT", 2), ((string)answer["modalities"]![0]!["modality"]!, (int)answer["modalities"]![0]!["instances"]!));
    }

    [Fact]
    public async Task Answer_IsKept_ForThoseWhoAskWithinTheMinute()
    {
        await using var server = await WireServer.StartAsync();
        var first = await ReadAsync(server, "/statistics");
        await server.StoreAsync(Files.Ct("1.1"));
        var second = await ReadAsync(server, "/statistics?days=1");
        Assert.Equal(first["at"]!.ToString(), second["at"]!.ToString());
        Assert.Equal(0, (int)second["totals"]!["studies"]!);
        Assert.Equal((30, 1), (first["days"]!.AsArray().Count, second["days"]!.AsArray().Count));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("")]
    public async Task Days_ThatAreNoNumber_AreRefused(string days)
    {
        await using var server = await WireServer.StartAsync();
        using var answer = await server.SendAsync("GET", $"/statistics?days={days}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("366", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> ReadAsync(WireServer server, string path)
    {
        using var answer = await server.SendAsync("GET", path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}

using System.Net;
using System.Text.Json.Nodes;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Access;

/// <summary>The audit trail: a record of each access, for administrators.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task Accesses_OfAPatient_AreThereWithWhoWhatAndOutcome()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await ShareTests.StoreAsync(server, issuer);
        await ReadAsync(server, issuer.Token("read", subject: "bob"), $"studies/{Files.Study}/metadata", HttpStatusCode.OK);
        await ReadAsync(server, issuer.Token("write", subject: "carol"), $"studies/{Files.Study}/metadata", HttpStatusCode.Forbidden);
        await DeleteAsync(server, issuer.Token("delete", subject: "dave"), Files.Study);

        var records = await WaitAsync(server, issuer, "patient=4711", static found => found.Count >= 5 && found.Select(Action).Count(action => action != "store") == 3);

        Assert.Equal(
            [("delete", "allowed", "dave", Files.Study), ("read", "refused", "carol", Files.Study), ("read", "allowed", "bob", Files.Study)],
            records.Take(3).Select(record => (record["action"]!.GetValue<string>(), record["outcome"]!.GetValue<string>(), record["who"]!.GetValue<string>(), record["studyInstanceUid"]!.GetValue<string>())));
        Assert.All(records.Skip(3), record => Assert.Equal("store", record["action"]!.GetValue<string>()));
        Assert.All(records, record => Assert.Equal("127.0.0.1", record["source"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Frames_OfOneStudy_AreOneAccess_AndSoAreStores()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await ShareTests.StoreAsync(server, issuer);
        for (var i = 0; i < 20; i++)
        {
            await ReadAsync(server, issuer.Token("read", subject: "bob"), $"studies/{Files.Study}/series/{Files.Series}/instances/1.{1 + i % 2}/frames/1", HttpStatusCode.OK);
        }

        var records = await WaitAsync(server, issuer, $"study={Files.Study}", found => found.Count > server.Server.Count);

        Assert.Equal(server.Server.Count, records.Count(record => record["action"]!.GetValue<string>() == "read"));
        Assert.InRange(records.Count(record => record["action"]!.GetValue<string>() == "store"), 1, server.Server.Count);
    }

    [Fact]
    public async Task NobodyAndWrongTokens_AreRecorded()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        await ReadAsync(server, "nonsense", "studies/1.2.3/metadata", HttpStatusCode.Unauthorized);

        var record = Assert.Single(await WaitAsync(server, issuer, "who=nobody", static found => found.Count > 0));

        Assert.Equal(("read", "refused", "1.2.3"), (record["action"]!.GetValue<string>(), record["outcome"]!.GetValue<string>(), record["studyInstanceUid"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Trail_IsForAdministrators_AndReadingItIsRecorded()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);
        using var refused = await server.Server.SendAsync(HttpMethod.Get, "audit", ("Authorization", $"Bearer {issuer.Token("read write delete share")}"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await WaitAsync(server, issuer, "who=root", static _ => true);

        var records = await WaitAsync(server, issuer, "who=root", static found => found.Count > 0);

        Assert.All(records, record => Assert.Equal("audit", record["action"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=many")]
    [InlineData("from=yesterday")]
    [InlineData("before=1")]
    public async Task Query_ThatCannotBeRead_Is400(string query)
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await WireServer.StartAsync(issuer.Settings);

        using var answer = await server.Server.SendAsync(HttpMethod.Get, $"audit?{query}", ("Authorization", $"Bearer {issuer.Token("admin")}"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Records_OfLastRequests_AreWrittenBeforeTheServerEnds()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("vnacloud-audit-").FullName;
        await using (var server = await WireServer.StartAtAsync(folder, null, issuer.Settings))
        {
            await ShareTests.StoreAsync(server, issuer);
            await ReadAsync(server, issuer.Token("read", subject: "bob"), $"studies/{Files.Study}/metadata", HttpStatusCode.OK);
        }
        await using var again = await WireServer.StartAtAsync(folder, null, issuer.Settings);

        Assert.Equal("read", (await WaitAsync(again, issuer, "who=bob", static found => found.Count > 0))[0]["action"]!.GetValue<string>());
    }

    private static string Action(JsonNode record) => record["action"]!.GetValue<string>();

    private static async Task<List<JsonNode>> WaitAsync(WireServer server, TestIssuer issuer, string query, Func<List<JsonNode>, bool> isThere)
    {
        for (var i = 0; ; i++)
        {
            using var answer = await server.Server.SendAsync(HttpMethod.Get, $"audit?{query}", ("Authorization", $"Bearer {issuer.Token("admin", subject: "root")}"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var records = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["records"]!.AsArray().Select(record => record!).ToList();
            if (isThere(records))
            {
                return records;
            }
            Assert.InRange(i, 0, 100);
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    private static async Task ReadAsync(WireServer server, string token, string path, HttpStatusCode status)
    {
        using var answer = await server.GetAsync(path, ("Authorization", $"Bearer {token}"));
        Assert.Equal(status, answer.StatusCode);
    }

    private static async Task DeleteAsync(WireServer server, string token, string study)
    {
        using var answer = await server.SendAsync("DELETE", $"studies/{study}", ("Authorization", $"Bearer {token}"));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Commitment;

public sealed class CommitmentTests
{
    private const string Json = "application/dicom+json";
    private const string Ct = "1.2.840.10008.5.1.4.1.1.2";
    private const string Mr = "1.2.840.10008.5.1.4.1.1.4";

    [Fact]
    [Trait("fault", "F45")]
    public async Task Request_ForPresentUnknownOtherClassAndDeleted_CommitsOnlyToThePresent()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"), Files.Ct("1.3"));
        using (await server.SendAsync("DELETE", Files.InstanceUrl("1.3")))
        {
        }
        var answer = await AskAsync(server, Sops((Ct, "1.1"), (Mr, "1.2"), (Ct, "1.3"), (Ct, "1.9")));
        Assert.Equal([$"{Ct} 1.1"], Single(answer, "00081199"));
        Assert.Equal([$"{Mr} 1.2 281", $"{Ct} 1.3 274", $"{Ct} 1.9 274"], Single(answer, "00081198")); // 0119H, 0112H, 0112H
        Assert.Equal(2, answer.Count);
    }

    [Fact]
    public async Task Request_OfTrees_IsAnsweredInTrees()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        var series = Item(Uid("0020000E", Files.Series), Sequence("00081112", Tree(Ct, "1.1", "1.5"), Tree(Mr, "1.2")));
        var other = Item(Uid("0020000E", "1.2.3.4"), Sequence("00081112", Tree(Ct, "1.2")));
        var answer = await AskAsync(server, Item(Sequence("00081110", Item(Uid("0020000D", Files.Study), Sequence("00081115", series, other)))).ToJsonString());
        Assert.Equal([$"{Files.Study} {Files.Series} {Ct} 1.1"], Trees(answer, "00081110"));
        Assert.Equal([$"{Files.Study} {Files.Series} {Ct} 1.5 274", $"{Files.Study} {Files.Series} {Mr} 1.2 281", $"{Files.Study} 1.2.3.4 {Ct} 1.2 274"], Trees(answer, "0008119B"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WhoseBytesAreGoneOrDamaged_IsNotCommitted(bool scrubbed)
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        await server.CutPackAsync(2_000);
        if (scrubbed)
        {
            await new Scrubber(server.Server.App.Services.GetRequiredService<ArchiveHost>().Upkeep).RunAsync(ScrubScope.All, _ => { }, default);
        }
        var answer = await AskAsync(server, Sops((Ct, "1.1")));
        Assert.Equal([$"{Ct} 1.1 272"], Single(answer, "00081198")); // 0110H
    }

    [Fact]
    public async Task Request_OfManyInstances_IsJudgedOneByOne()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync([.. Enumerable.Range(1, 450).Where(i => i % 3 != 0).Select(i => Files.Ct($"1.{i}"))]);
        var answer = await AskAsync(server, Sops([.. Enumerable.Range(1, 450).Select(i => (Ct, $"1.{i}"))]));
        Assert.Equal(Enumerable.Range(1, 450).Where(i => i % 3 != 0).Select(i => $"{Ct} 1.{i}"), Single(answer, "00081199"));
        Assert.Equal(Enumerable.Range(1, 150).Select(i => $"{Ct} 1.{3 * i} 274"), Single(answer, "00081198"));
    }

    [Fact]
    public async Task Request_InXml_IsAnsweredInXmlWhereAsked()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        var xml = $"""
            <?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM"><DicomAttribute tag="00081199" vr="SQ"><Item number="1">
            <DicomAttribute tag="00081150" vr="UI"><Value number="1">{Ct}</Value></DicomAttribute><DicomAttribute tag="00081155" vr="UI"><Value number="1">1.1</Value></DicomAttribute>
            </Item></DicomAttribute></NativeDicomModel>
            """;
        using var response = await server.PostAsync("commitment-requests/1.2.3", Encoding.UTF8.GetBytes(xml), "application/dicom+xml", accept: "application/dicom+xml");
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.OK, "application/dicom+xml"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Contains("ReferencedSOPSequence", text, StringComparison.Ordinal);
        Assert.Contains(">1.1<", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.3", Json, "{}", HttpStatusCode.BadRequest)]
    [InlineData("1.2.3", Json, "{", HttpStatusCode.BadRequest)]
    [InlineData("1.2.3", Json, """{"00081199":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2"]}}]}}""", HttpStatusCode.BadRequest)]
    [InlineData("x", Json, """{"00081199":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2"]},"00081155":{"vr":"UI","Value":["1.2"]}}]}}""", HttpStatusCode.BadRequest)]
    [InlineData("1.2.3", "text/plain", "{}", HttpStatusCode.UnsupportedMediaType)]
    public async Task Request_Wrong_IsRefusedAndSaysWhy(string transaction, string type, string body, HttpStatusCode status)
    {
        await using var server = await WireServer.StartAsync();
        using var response = await server.PostAsync($"commitment-requests/{transaction}", Encoding.UTF8.GetBytes(body), type);
        var problem = await WireServer.AnswerAsync(response, status);
        Assert.NotEmpty(problem["detail"]!.ToString());
    }

    [Fact]
    [Trait("attack", "84")]
    public async Task Request_OfMoreThanIsAllowed_Is413()
    {
        await using var server = await WireServer.StartAsync();
        using var response = await server.PostAsync("commitment-requests/1.2.3", Encoding.UTF8.GetBytes(Sops([.. Enumerable.Range(1, 20_001).Select(i => (Ct, $"1.{i}"))])), Json);
        Assert.Contains("20000", (await WireServer.AnswerAsync(response, HttpStatusCode.RequestEntityTooLarge))["detail"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResultCheck_FindsNothing_SinceRequestsAreAnsweredAtOnce()
    {
        await using var server = await WireServer.StartAsync();
        using var response = await server.GetAsync("commitment-requests/1.2.3");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static async Task<JsonObject> AskAsync(WireServer server, string body)
    {
        using var response = await server.PostAsync("commitment-requests/1.2.3", Encoding.UTF8.GetBytes(body), Json);
        Assert.Equal(Json, response.Content.Headers.ContentType!.MediaType);
        return await WireServer.AnswerAsync(response, HttpStatusCode.OK);
    }

    private static string Sops(params IEnumerable<(string Class, string Sop)> references) =>
        Item(Sequence("00081199", [.. references.Select(one => Item(Uid("00081150", one.Class), Uid("00081155", one.Sop)))])).ToJsonString();

    private static JsonObject Tree(string sopClass, params IEnumerable<string> sops) =>
        Item(Uid("00081150", sopClass), Sequence("0008114A", [.. sops.Select(sop => Item(Uid("00081155", sop)))]));

    private static JsonObject Item(params KeyValuePair<string, JsonNode?>[] attributes) => new(attributes);

    private static KeyValuePair<string, JsonNode?> Uid(string tag, string uid) => new(tag, new JsonObject { ["vr"] = "UI", ["Value"] = new JsonArray(uid) });

    private static KeyValuePair<string, JsonNode?> Sequence(string tag, params JsonNode[] items) => new(tag, new JsonObject { ["vr"] = "SQ", ["Value"] = new JsonArray(items) });

    private static IEnumerable<string> Single(JsonObject answer, string sequence) =>
        Items(answer, sequence).Select(item => $"{Text(item, "00081150")} {Text(item, "00081155")} {Text(item, "00081197")}".TrimEnd());

    private static IEnumerable<string> Trees(JsonObject answer, string sequence) =>
        from study in Items(answer, sequence)
        from series in Items(study, "00081115")
        from ofClass in Items(series, "00081112")
        from item in Items(ofClass, "0008114A")
        select $"{Text(study, "0020000D")} {Text(series, "0020000E")} {Text(ofClass, "00081150")} {Text(item, "00081155")} {Text(item, "00081197")}".TrimEnd();

    private static JsonArray Items(JsonNode? item, string sequence) => item![sequence]!["Value"]!.AsArray();

    private static string Text(JsonNode? item, string tag) => item![tag]?["Value"]?[0]?.ToString() ?? "";
}

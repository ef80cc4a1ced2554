using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using VnaCloud.Archive;
using VnaCloud.Server.Hosting;
using VnaCloud.Server.Tests.Wire;

namespace VnaCloud.Server.Tests.Changes;

public sealed class ChangesTests
{
    [Fact]
    public async Task Feed_AfterStoreDuplicateConflictDelete_SaysEachInstanceOnce()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"), Files.Ct("1.2"));
        await server.StoreAsync(Files.Ct("1.1")); // nothing changes
        using (await server.StowAsync(Files.Ct("1.2", seed: 9)))
        {
        }
        using (await server.SendAsync("DELETE", Files.InstanceUrl("1.1")))
        {
        }
        await server.StoreAsync(Files.Ct("1.1"));
        var (changes, next) = await FollowAsync(server, 4);
        Assert.Equal(["create 1.1", "create 1.2", "delete 1.1", "create 1.1"], changes.Select(Line));
        Assert.Equal(Files.Study, changes[0]["studyInstanceUid"]!.ToString());
        Assert.Equal(Files.Series, changes[0]["seriesInstanceUid"]!.ToString());
        Assert.Empty(Lines(await ReadAsync(server, $"/changes?after={next}")));
    }

    [Fact]
    public async Task Feed_ReadInPages_HasNoGap()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync([.. Enumerable.Range(1, 25).Select(i => Files.Ct($"1.{i}"))]);
        var (changes, next) = await FollowAsync(server, 25, limit: 7);
        Assert.Equal(Enumerable.Range(1, 25).Select(i => $"create 1.{i}"), changes.Select(Line));
        Assert.Empty(Lines(await ReadAsync(server, $"/changes?after={next}")));
    }

    [Fact]
    [Trait("fault", "F47")]
    public async Task Feed_ReadWhileManyStore_MissesNothingAndRepeatsNothing()
    {
        await using var server = await WireServer.StartAsync();
        var storing = Task.WhenAll(Enumerable.Range(1, 8).Select(async writer =>
        {
            for (var i = 1; i <= 5; i++)
            {
                await server.StoreAsync(Files.Ct($"1.{writer}.{i}", study: $"1.2.{writer}"));
            }
        }));
        var (changes, cursor) = await FollowAsync(server, 40, limit: 3);
        await storing;
        Assert.Equal(40, changes.Select(Line).Distinct().Count());
        Assert.Empty(Lines(await ReadAsync(server, $"/changes?after={cursor}")));
    }

    [Fact]
    public async Task Feed_WithTimeout_WaitsForTheNextCommitOrTheTime()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        var (_, next) = await FollowAsync(server, 1);
        var started = Stopwatch.GetTimestamp();
        Assert.Empty(Lines(await ReadAsync(server, $"/changes?after={next}&timeout=1")));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.9, 20);
        var waiting = ReadAsync(server, $"/changes?after={next}&timeout=60");
        await server.StoreAsync(Files.Ct("1.2"));
        Assert.Equal(["create 1.2"], Lines(await waiting));
    }

    [Fact]
    public async Task Feed_CursorOfAnotherEpoch_IsGoneAndSaysWhereToGoOn()
    {
        await using var server = await WireServer.StartAsync();
        await server.StoreAsync(Files.Ct("1.1"));
        var (_, old) = await FollowAsync(server, 1);
        var upkeep = server.Server.App.Services.GetRequiredService<ArchiveHost>().Upkeep.Upkeep;
        await upkeep.ApplyAsync(new UpkeepChange.EpochBegun(default), default);
        using var gone = await server.GetAsync($"/changes?after={old}");
        var problem = await WireServer.AnswerAsync(gone, HttpStatusCode.Gone);
        Assert.Equal("application/problem+json", gone.Content.Headers.ContentType!.MediaType);
        await server.StoreAsync(Files.Ct("1.2"));
        var (changes, _) = await FollowAsync(server, 1, after: problem["next"]!.ToString());
        Assert.Equal(["create 1.2"], changes.Select(Line));
    }

    [Theory]
    [InlineData("after=nonsense")]
    [InlineData("after=AAAA&after=AAAA")]
    [InlineData("limit=0")]
    [InlineData("limit=x")]
    [InlineData("timeout=-1")]
    public async Task Feed_WrongParameter_Is400(string query)
    {
        await using var server = await WireServer.StartAsync();
        using var answer = await server.GetAsync($"/changes?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    /// <summary>
    /// Reads on until so many changes were seen. A reader must be ready to wait: a database server that works for others, too (as that of
    /// these tests does), numbers a change only when every older transaction has ended.
    /// </summary>
    private static async Task<(List<JsonNode> Changes, string Next)> FollowAsync(WireServer server, int count, int limit = 100, string? after = null)
    {
        var changes = new List<JsonNode>();
        var started = Stopwatch.GetTimestamp();
        while (changes.Count < count)
        {
            Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < 60, $"{changes.Count} changes of {count} came in a minute");
            var page = await ReadAsync(server, $"/changes?timeout=5&limit={limit}{(after is null ? "" : $"&after={after}")}");
            Assert.True(page["changes"]!.AsArray().Count <= limit);
            changes.AddRange(page["changes"]!.AsArray()!);
            after = page["next"]!.ToString();
        }
        return (changes, after!);
    }

    private static async Task<JsonObject> ReadAsync(WireServer server, string path)
    {
        using var response = await server.GetAsync(path);
        return await WireServer.AnswerAsync(response, HttpStatusCode.OK);
    }

    private static List<string> Lines(JsonObject page) => [.. page["changes"]!.AsArray().Select(change => Line(change!))];

    private static string Line(JsonNode change) => $"{change["action"]} {change["sopInstanceUid"]}";
}

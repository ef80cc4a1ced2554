using System.Net;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>What reaches the disk before an answer leaves, seen from outside by strace.</summary>
public sealed class DurabilityTests(ITestOutputHelper output)
{
    private const string Uid = "2.25.77";

    [Fact]
    public async Task Answer_OfAWrite_LeavesAfterAllThatItPromisesIsOnTheDisk()
    {
        ServerTrace.Require();
        await using var server = await ServerProcess.StartAsync();
        using var client = new ArchiveClient(server.BaseUrl);
        await using var trace = await ServerTrace.RecordAsync(server);
        var stored = await StoreAsync(client);
        var voided = await ConflictAsync(client, stored);
        var deleted = await DeleteAsync(client, stored);

        var calls = await trace.StopAsync();
        var order = Check(calls, stored, voided, deleted);

        output.WriteLine($"{calls.Count} calls, {order.Needed.Count} of them needed, {stored.Count} stored, {voided.Count} voided, {deleted.Count} deleted");
        RequireEverySync(calls, stored[0]);
    }

    [Theory]
    [InlineData("fsync", null, "the pack, or its directory")]
    [InlineData("fsync,fdatasync", "index.db-wal", "the index's log")]
    [InlineData("linkat", null, "the link")]
    public async Task Stow_DiskFailsOn_IsNotAcknowledgedAndTheNextWorks(string call, string? file, string what)
    {
        ServerTrace.Require();
        await using var server = await ServerProcess.StartAsync();
        using var client = new ArchiveClient(server.BaseUrl);
        var (study, series) = ($"{Uid}.1", $"{Uid}.1.1");
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(Instances.Ct(study, series, $"{Uid}.1.1.1"))).Status);

        await using (await ServerTrace.InjectAsync(server, call, "EIO", file is null ? null : Path.Combine(server.DataFolder, file)))
        {
            var reply = await client.StowAsync(Instances.Ct(study, series, $"{Uid}.1.1.2"));
            Assert.True(reply.Status == HttpStatusCode.InternalServerError, $"EIO on {what}: {reply.Status}");
            Assert.Single(await client.SearchAsync($"studies/{study}/instances"));
        }

        var third = Instances.Ct(study, series, $"{Uid}.1.1.3");
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(third)).Status);
        Assert.Equal(third, await client.FileAsync($"studies/{study}/series/{series}/instances/{Uid}.1.1.3"));
        Assert.Equal(2, (await client.SearchAsync($"studies/{study}/instances")).Count);
        Assert.All(Directory.GetFiles(server.DataFolder, "*.tar", SearchOption.AllDirectories), pack => Assert.True(new FileInfo(pack).Length > 4096));
    }

    [Fact]
    public async Task Stow_DiskFailsOnTheDirectory_LeavesNoPackBehind()
    {
        ServerTrace.Require();
        await using var server = await ServerProcess.StartAsync();
        using var client = new ArchiveClient(server.BaseUrl);
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(Instances.Ct($"{Uid}.2", $"{Uid}.2.1", $"{Uid}.2.1.1"))).Status);
        var pack = Assert.Single(Packs(server));

        await using (await ServerTrace.InjectAsync(server, "fsync", "EIO", Path.GetDirectoryName(pack)))
        {
            var reply = await client.StowAsync(Instances.Ct($"{Uid}.2", $"{Uid}.2.1", $"{Uid}.2.1.2"));
            Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
        }

        Assert.Equal(pack, Assert.Single(Packs(server)));
        Assert.Equal(HttpStatusCode.OK, (await client.StowAsync(Instances.Ct($"{Uid}.2", $"{Uid}.2.1", $"{Uid}.2.1.2"))).Status);
        Assert.Equal(2, (await client.SearchAsync($"studies/{Uid}.2/instances")).Count);
    }

    private static string[] Packs(ServerProcess server) => Directory.GetFiles(server.DataFolder, "*.tar", SearchOption.AllDirectories);

    // One by one, then at once: new studies, known ones, two studies in one request.
    private static async Task<List<string>> StoreAsync(ArchiveClient client)
    {
        var sops = new List<string>();
        for (var i = 1; i <= 3; i++)
        {
            await StoreAsync(client, sops, [(1, i), (1, i + 100)]);
        }
        await StoreAsync(client, sops, [(1, 50), (2, 51), (3, 52)]);
        var parallel = Enumerable.Range(0, 8).Select(async sender =>
        {
            var own = new List<string>();
            for (var i = 0; i < 4; i++)
            {
                await StoreAsync(client, own, [(4 + (sender % 3), 1000 + (10 * sender) + i)]);
            }
            return own;
        });
        return [.. sops, .. (await Task.WhenAll(parallel)).SelectMany(own => own)];
    }

    private static async Task StoreAsync(ArchiveClient client, List<string> sops, IReadOnlyList<(int Study, int Number)> instances)
    {
        var reply = await client.StowAsync([.. instances.Select(i => Instances.Ct($"{Uid}.{i.Study}", $"{Uid}.{i.Study}.1", Sop(i.Number)))]);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        sops.AddRange(instances.Select(i => Sop(i.Number)));
    }

    // A letter cannot follow in a UID; a fixed number of digits keeps one from being the beginning of another.
    private static string Sop(int number) => $"{Uid}.9.{100_000 + number}";

    private static async Task<List<string>> ConflictAsync(ArchiveClient client, List<string> stored)
    {
        var sop = stored[0];
        var reply = await client.StowAsync(Instances.Ct($"{Uid}.1", $"{Uid}.1.1", sop, seed: 1));
        Assert.Equal(HttpStatusCode.Conflict, reply.Status);
        return [sop];
    }

    private static async Task<List<string>> DeleteAsync(ArchiveClient client, List<string> stored)
    {
        foreach (var sop in (string[])[stored[0], stored[1]])
        {
            Assert.Equal(HttpStatusCode.NoContent, await client.DeleteAsync($"studies/{Uid}.1/series/{Uid}.1.1/instances/{sop}"));
        }
        return [stored[0], stored[1]];
    }

    private static DurabilityOrder Check(IReadOnlyList<TracedCall> calls, IReadOnlyList<string> stored, IReadOnlyList<string> voided, IReadOnlyList<string> deleted)
    {
        var order = new DurabilityOrder(calls);
        foreach (var sop in stored)
        {
            order.RequireStored(sop);
        }
        foreach (var sop in voided)
        {
            order.RequireVoided(sop);
        }
        order.RequireDeleted(deleted);
        return order;
    }

    // The guard guards: without any one sync, or with the answer before it, the same trace is refused.
    private static void RequireEverySync(IReadOnlyList<TracedCall> calls, string sop)
    {
        var order = new DurabilityOrder(calls);
        order.RequireStored(sop);
        var answer = order.Needed.Single(call => call.Arguments.Contains("HTTP/1.1 200", StringComparison.Ordinal));
        var syncs = order.Needed.Where(call => call.Name is "fsync" or "fdatasync").ToList();
        // The file, its directory, the log.
        Assert.True(syncs.Count >= 3);
        foreach (var sync in syncs)
        {
            Refused(calls.Where(call => call != sync));
            Refused(calls.Select(call => call == answer ? answer with { Begin = sync.Begin, End = sync.Begin } : call));
        }

        void Refused(IEnumerable<TracedCall> changed) =>
            Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => new DurabilityOrder([.. changed]).RequireStored(sop));
    }
}

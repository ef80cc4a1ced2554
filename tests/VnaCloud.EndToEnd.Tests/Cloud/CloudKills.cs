using System.Diagnostics;
using System.Net;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Cloud;

/// <summary>An archive whose servers are killed one after the other. The next one has started before it is needed, as in a cluster.</summary>
internal sealed class CloudKills : IAsyncDisposable
{
    private static readonly TimeSpan TwoDays = TimeSpan.FromHours(48);

    private readonly CloudArchive _archive;
    private readonly ITestOutputHelper _output;
    private TimeSpan _recovery;
    private Task<CloudServer> _next = null!;

    private CloudKills(CloudArchive archive, ITestOutputHelper output, int seed, StubbornStorm storm) => (_archive, _output, Seed, Storm) = (archive, output, seed, storm);

    public int Seed { get; }

    public StubbornStorm Storm { get; }

    /// <summary>The one that clients speak to.</summary>
    public CloudServer Server { get; private set; } = null!;

    /// <summary>Where each one died.</summary>
    public List<string> Deaths { get; } = [];

    /// <param name="archive">A new one.</param>
    /// <param name="output">The test's.</param>
    /// <param name="atLeast">Instances in each request of the storm.</param>
    public static async Task<CloudKills> BeginAsync(CloudArchive archive, ITestOutputHelper output, int atLeast = 1)
    {
        var seed = FaultSeed.Next(output);
        var kills = new CloudKills(archive, output, seed, new StubbornStorm(seed) { AtLeast = atLeast, LargeSide = 3_000, MayAnswer = HttpStatusCode.ServiceUnavailable });
        kills._next = CloudServer.StartAsync(archive);
        await kills.TakeNextAsync();
        return kills;
    }

    /// <summary>Waits until the senders are done; gives them another server when theirs dies.</summary>
    public async Task FollowAsync(Task sending, string window)
    {
        await Task.WhenAny(Server.Dead, sending);
        Server.Disarm();
        if (Server.Dead.IsCompleted)
        {
            Deaths.Add(window);
            var (died, stored) = (Stopwatch.GetTimestamp(), Storm.NextStored);
            await Server.DisposeAsync();
            await TakeNextAsync();
            await Task.WhenAny(stored, sending);
            _recovery = TimeSpan.FromTicks(Math.Max(_recovery.Ticks, Stopwatch.GetElapsedTime(died).Ticks));
        }
        await sending;
    }

    /// <summary>Collects as two days later, compares everything with the model through a server that has seen nothing, and adds the row.</summary>
    public async Task EndAsync(string id, string injected)
    {
        await Server.DisposeAsync();
        await TakeNextAsync();
        var (deleted, adopted, aborted) = await _archive.CollectAsync(TwoDays);
        using var client = new ArchiveClient(Server.Url);
        var lost = await CloudLosses.CountAsync(client, Storm.Model);
        FaultTable.Add(id, injected, Deaths.Count, Storm.Model.Count, lost, _recovery, $"{Seed}");
        _output.WriteLine($"{Deaths.Count} died: {string.Join(", ", Deaths.CountBy(death => death).Select(pair => $"{pair.Key} {pair.Value}"))}");
        _output.WriteLine($"{Storm.Model.Count} instances, {Storm.Unanswered} requests repeated, {Storm.Refused} put off; {deleted} packs of nobody deleted, {aborted} uploads aborted");
        Assert.Equal(0, lost);
        // Every study as it is listed and counted; all bytes were read above.
        await Storm.RequireAsync(static entry => entry.Instance.Sop.EndsWith(".0", StringComparison.Ordinal));
        // Whatever a pack held was acknowledged in the end, so that nothing was left to be taken in.
        Assert.Equal(0, adopted);
        Assert.Equal(Storm.Model.Count, await _archive.NumberAsync("SELECT count(*) FROM instance"));
        Assert.Equal(Storm.Model.Count, await _archive.NumberAsync("SELECT count(*) FROM change"));
        Assert.Equal(Storm.Model.Count, await _archive.NumberAsync("SELECT sum(instances) FROM tenant_count"));
        await RequireOnlyPacksAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Storm.Dispose();
        await Server.DisposeAsync();
        await (await _next).DisposeAsync();
    }

    private async Task TakeNextAsync()
    {
        Server = await _next;
        _next = CloudServer.StartAsync(_archive);
        Storm.Use(Server.Url);
    }

    // The bucket holds the packs that the index refers to, the archive's own files, and nothing else.
    private async Task RequireOnlyPacksAsync()
    {
        var keys = await _archive.Ceph.ListAsync(_archive.Bucket);
        var packs = keys.Where(key => key.Contains("/packs/", StringComparison.Ordinal)).ToList();
        Assert.Equal(await _archive.PacksAsync(), packs);
        Assert.All(keys.Except(packs), key => Assert.Matches(@"^archive\.json$|/tenant\.json$|/journal/", key));
        Assert.Equal(0, await _archive.Ceph.UnfinishedAsync(_archive.Bucket));
    }
}

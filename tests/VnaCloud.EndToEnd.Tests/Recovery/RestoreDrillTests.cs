using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.EndToEnd.Tests.Faults;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Recovery;

/// <summary>
/// The drill of docs/operations.md: database and bucket are backed up at different moments while studies arrive and go, both are lost, and
/// the backups make an archive again that has everything that was acknowledged before the first of them was begun.
/// </summary>
[Collection(RecoveryServers.Name)]
public sealed class RestoreDrillTests(RecoveryServers servers, ITestOutputHelper output)
{
    private const int Senders = 4;
    /// <summary>Promises that are made between two backups.</summary>
    private static readonly int Apart = TestLength.Of(100, 200, 3_000);

    [Fact]
    public async Task Database_ThenBucket_UnderLoad_RestoredAndAdopted_HaveEverythingUpToTheBucketsCopy()
    {
        var (archive, seed) = (await servers.NewArchiveAsync(), FaultSeed.Next(output));
        using var dump = new DumpFolder();
        using var load = new Load(seed);
        string copy;
        await using (var server = await archive.StartAsync())
        {
            load.Start(server.BaseUrl);
            await load.MoreAsync(Apart);
            await archive.Database.DumpAsync(dump.File);
            await load.MoreAsync(Apart);
            // What the bucket has is what counts: the index catches up with it.
            load.Mark();
            copy = await archive.CopyBucketAsync();
            await load.StopAsync();
        }
        var restored = await RestoreAsync(archive, copy, dump.File);

        await using var after = await restored.StartUnreadyAsync();
        using var answers = new ArchiveAnswers(after.BaseUrl);
        var refusal = await answers.RefusalAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refusal.Status);
        Assert.Contains("vna adopt", refusal.Text, StringComparison.Ordinal);
        var begun = Stopwatch.GetTimestamp();
        output.WriteLine(await restored.VnaAsync("adopt"));
        await after.WaitReadyAsync();
        await RequireAllAsync(after, load, Stopwatch.GetElapsedTime(begun), "database backed up, then the bucket, both restored, vna adopt", seed);
        await restored.VnaAsync("verify");
    }

    [Fact]
    public async Task Bucket_ThenDatabase_UnderLoad_Restored_HaveEverythingUpToTheBucketsCopy_AndNameTheRest()
    {
        var (archive, seed) = (await servers.NewArchiveAsync(), FaultSeed.Next(output));
        using var dump = new DumpFolder();
        using var load = new Load(seed);
        string copy;
        await using (var server = await archive.StartAsync())
        {
            load.Start(server.BaseUrl);
            await load.MoreAsync(Apart);
            load.Mark();
            copy = await archive.CopyBucketAsync();
            await load.MoreAsync(Apart);
            await archive.Database.DumpAsync(dump.File);
            await load.StopAsync();
        }
        var restored = await RestoreAsync(archive, copy, dump.File);

        var begun = Stopwatch.GetTimestamp();
        await using var after = await restored.StartAsync();
        await RequireAllAsync(after, load, Stopwatch.GetElapsedTime(begun), "bucket backed up, then the database, both restored", seed);
        // Rows whose packs are in no backup: each is named, none is a wrong answer.
        using var reconcile = restored.BeginVna("reconcile");
        var (code, said) = await reconcile.EndAsync();
        output.WriteLine(said.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.Equal(1, code);
        Assert.Contains("missing", said, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<CloudArchive> RestoreAsync(CloudArchive archive, string bucket, string dump)
    {
        var database = await archive.Database.AnotherAsync();
        await database.RestoreAsync(dump);
        return archive.Of(bucket, database);
    }

    private async Task RequireAllAsync(ServerProcess server, Load load, TimeSpan recovery, string what, int seed)
    {
        using var client = new ArchiveClient(server.BaseUrl);
        var wrong = 0;
        foreach (var (path, hash) in load.Promised)
        {
            var (status, found) = await client.TryHashAsync(path);
            wrong += hash is null ? (status == HttpStatusCode.NotFound ? 0 : 1) : found == hash ? 0 : 1;
        }
        output.WriteLine($"{load.Promised.Count} of {load.Acknowledged} promises were made before the bucket's copy ({load.Promised.Count(static promise => promise.Value is null)} deletes)");
        FaultTable.Add("drill", what, 1, load.Promised.Count, wrong, recovery, $"{seed}");
        Assert.True(load.Promised.Count > 50 && load.Acknowledged > load.Promised.Count, $"{load.Promised.Count} of {load.Acknowledged}");
        Assert.Contains(load.Promised, static promise => promise.Value is null);
        Assert.Equal(0, wrong);
    }

    /// <summary>Senders that store, five instances a request, and delete one in ten of what they stored.</summary>
    private sealed class Load(int seed) : IDisposable
    {
        private readonly CancellationTokenSource _over = new();
        private readonly ConcurrentDictionary<string, string?> _acknowledged = new();
        private readonly ConcurrentDictionary<string, byte> _asked = new();
        private Task[] _senders = [];
        private Dictionary<string, string?> _marked = [];

        public void Start(Uri server) => _senders = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(server, sender)))];

        /// <summary>What was acknowledged before the mark, and not asked to be deleted since: digest by path, null for a delete.</summary>
        public Dictionary<string, string?> Promised =>
            _marked.Where(promise => promise.Value is null || !_asked.ContainsKey(promise.Key)).ToDictionary(promise => promise.Key, promise => promise.Value);

        public int Acknowledged => _acknowledged.Count;

        /// <summary>Waits until so many more were acknowledged, deletes among them.</summary>
        public async Task MoreAsync(int count)
        {
            var (from, waited) = (Acknowledged, Stopwatch.StartNew());
            while (Acknowledged < from + count || !_acknowledged.Values.Contains(null))
            {
                Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), $"{Acknowledged - from} were acknowledged in two minutes.");
                await Task.Delay(50);
            }
        }

        public void Mark() => _marked = _acknowledged.ToDictionary(promise => promise.Key, promise => promise.Value);

        public void Dispose() => _over.Dispose();

        public async Task StopAsync()
        {
            await _over.CancelAsync();
            await Task.WhenAll(_senders);
        }

        private async Task SendAsync(Uri server, int sender)
        {
            using var client = new ArchiveClient(server);
            for (var step = 0; !_over.IsCancellationRequested; step++)
            {
                var study = string.Create(CultureInfo.InvariantCulture, $"2.25.8{seed:D6}.{sender}.{step / 10}");
                var files = Enumerable.Range(0, 5).ToDictionary(i => $"{study}.1.{step}{i}", i => Instances.Ct(study, $"{study}.1", $"{study}.1.{step}{i}", i));
                var reply = await client.StowAsync([.. files.Values]);
                Assert.Equal(HttpStatusCode.OK, reply.Status);
                foreach (var (sop, file) in files)
                {
                    _acknowledged[$"studies/{study}/series/{study}.1/instances/{sop}"] = Convert.ToHexString(SHA256.HashData(file));
                }
                if (step % 2 == 1)
                {
                    var path = $"studies/{study}/series/{study}.1/instances/{files.Keys.First()}";
                    _asked[path] = 0;
                    Assert.Equal(HttpStatusCode.NoContent, await client.DeleteAsync(path));
                    _acknowledged[path] = null;
                }
            }
        }
    }
}

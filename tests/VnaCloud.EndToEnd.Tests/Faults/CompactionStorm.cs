using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>
/// Senders, readers and deleters of a few studies, which the server compacts all the while. What is acknowledged is written down; each read is
/// held against it at once.
/// </summary>
internal sealed class CompactionStorm(int seed) : IDisposable
{
    private const int Studies = 2, MaxAttempts = 1_200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SendEvery = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, string> _stored = new();
    private readonly ConcurrentBag<string> _deleted = [];
    private readonly CurrentServer _server = new();
    private long _reads;

    /// <summary>Instances that are acknowledged and were not deleted since.</summary>
    public int Stored => _stored.Count;

    /// <summary>Instances whose delete was sent; when the storm is over each was answered.</summary>
    public int Deleted => _deleted.Count;

    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>From now on requests go to this server.</summary>
    public void Use(ServerProcess server) => _server.Use(server.BaseUrl);

    /// <summary>All of them, until told to end; what is begun is brought to its end.</summary>
    public Task RunAsync(CancellationToken over) => Task.WhenAll(
        [.. Enumerable.Range(0, 3).Select(sender => Task.Run(() => SendAsync(sender, over), CancellationToken.None)),
        .. Enumerable.Range(0, 4).Select(reader => Task.Run(() => ReadAsync(new Random(unchecked((seed * 397) + reader)), over), CancellationToken.None)),
        Task.Run(() => DeleteAsync(over), CancellationToken.None)]);

    /// <summary>How many acknowledged instances are missing or wrong, and how many deleted ones are there.</summary>
    public async Task<int> LostAsync()
    {
        var lost = 0;
        foreach (var (path, hash) in _stored)
        {
            lost += await _server.Client.TryHashAsync(path) is (HttpStatusCode.OK, { } found) && found == hash ? 0 : 1;
        }
        foreach (var path in _deleted)
        {
            lost += (await _server.Client.TryHashAsync(path)).Status == HttpStatusCode.NotFound ? 0 : 1;
        }
        return lost;
    }

    /// <summary>Instances that a search lists.</summary>
    public async Task<int> ListedAsync()
    {
        var listed = 0;
        for (var study = 0; study < Studies; study++)
        {
            listed += (await _server.Client.SearchAsync($"studies/{Study(study)}/instances?limit=5000")).Count;
        }
        return listed;
    }

    public void Dispose() => _server.Dispose();

    private string Study(int number) => $"2.25.{seed}.{number}";

    private async Task SendAsync(int sender, CancellationToken over)
    {
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            var study = Study(i % Studies);
            var files = Enumerable.Range(0, 2).Select(part => ($"{study}.{sender}", Sop: $"2.25.{seed}.9.{sender}.{i}.{part}"))
                .Select(key => (Path: $"studies/{study}/series/{key.Item1}/instances/{key.Sop}",
                    File: Instances.File(new InstanceSpec(study, key.Item1, key.Sop) { Rows = 32, Columns = 32 }))).ToList();
            await UntilAsync(async client => (await client.StowAsync(files.ConvertAll(file => file.File))).Status, HttpStatusCode.OK);
            files.ForEach(file => _stored[file.Path] = Convert.ToHexString(SHA256.HashData(file.File)));
            // So that compaction keeps up.
            await Task.Delay(SendEvery, CancellationToken.None);
        }
    }

    private async Task DeleteAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(Pause, CancellationToken.None);
            if (_stored.Count < 20 || _stored.FirstOrDefault() is not { Key: { } path })
            {
                continue;
            }
            _deleted.Add(path);
            _stored.TryRemove(path, out _);
            await UntilAsync(client => client.DeleteAsync(path), HttpStatusCode.NoContent, HttpStatusCode.NotFound);
        }
    }

    // The very bytes; or nothing, when it is being deleted.
    private async Task ReadAsync(Random random, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var known = _stored.ToArray();
            if (known.Length == 0)
            {
                await Task.Delay(Pause, CancellationToken.None);
                continue;
            }
            var (path, hash) = known[random.Next(known.Length)];
            try
            {
                var (status, found) = await _server.Client.TryHashAsync(path);
                Assert.True(status switch
                {
                    HttpStatusCode.OK => found == hash,
                    HttpStatusCode.NotFound => _deleted.Contains(path),
                    _ => status == HttpStatusCode.ServiceUnavailable,
                }, $"{path}: {status}, {(status == HttpStatusCode.OK ? "other bytes" : "though it was acknowledged")}.");
                Interlocked.Increment(ref _reads);
            }
            catch (Exception gone) when (Connection.WasLost(gone))
            {
                await Task.Delay(Pause, CancellationToken.None); // killed
            }
        }
    }

    private async Task UntilAsync(Func<ArchiveClient, Task<HttpStatusCode>> ask, params HttpStatusCode[] wanted)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                var status = await ask(_server.Client);
                if (wanted.Contains(status))
                {
                    return;
                }
                Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            }
            catch (Exception gone) when (Connection.WasLost(gone))
            {
                // Killed: the same again to the next.
            }
            await Task.Delay(Pause);
        }
        Assert.Fail($"No answer in {MaxAttempts} attempts.");
    }
}

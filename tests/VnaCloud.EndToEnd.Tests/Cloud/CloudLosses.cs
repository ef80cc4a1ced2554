using System.Net;
using VnaCloud.EndToEnd.Tests.Crash;

namespace VnaCloud.EndToEnd.Tests.Cloud;

/// <summary>Counts what was acknowledged and is missing, wrong, or told to readers of the change feed not once.</summary>
internal static class CloudLosses
{
    private const int AtOnce = 8;

    public static async Task<int> CountAsync(ArchiveClient client, StormModel model)
    {
        var created = await CreatedAsync(client);
        var lost = created.Keys.Count(sop => model.Find(sop) is null);
        await Parallel.ForEachAsync(model.Entries, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (entry, _) =>
        {
            var (status, hash) = await client.TryHashAsync(entry.Instance.Path);
            if (status != HttpStatusCode.OK || hash != entry.Instance.Hash(0) || created.GetValueOrDefault(entry.Instance.Sop) != 1)
            {
                Interlocked.Increment(ref lost);
            }
        });
        return lost;
    }

    // How often the feed says of each instance that it was created.
    private static async Task<Dictionary<string, int>> CreatedAsync(ArchiveClient client)
    {
        var counts = new Dictionary<string, int>();
        for (string? cursor = null; ;)
        {
            var (changes, next) = await client.ChangesAsync(cursor);
            if (changes.Count == 0)
            {
                return counts;
            }
            foreach (var (action, sop) in changes)
            {
                Assert.Equal("create", action);
                counts[sop] = counts.GetValueOrDefault(sop) + 1;
            }
            cursor = next;
        }
    }
}

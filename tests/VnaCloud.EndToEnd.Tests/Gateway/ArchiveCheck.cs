using System.Collections.Concurrent;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Gateway;

/// <summary>Compares the archive with what was sent to the gateway: acknowledged objects are there, identical and once; others may be, whole.</summary>
internal static class ArchiveCheck
{
    private const int AtOnce = 4;
    private const int Page = 5000;

    /// <returns>What is missing, wrong, twice or never sent; empty when all is well.</returns>
    public static async Task<IReadOnlyCollection<string>> FindLossesAsync(Uri archive, SentObjects sent)
    {
        using var client = new ArchiveClient(archive);
        var losses = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(sent.All.GroupBy(one => one.Study), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (study, _) =>
        {
            var matches = await client.SearchAsync($"studies/{study.Key}/instances?limit={Page}");
            Assert.True(matches.Count < Page, "The storm made a study too large to be listed at once.");
            var listed = matches.Select(match => ArchiveClient.Text(match, "00080018")).ToList();
            foreach (var sop in listed.GroupBy(sop => sop).Where(same => same.Count() > 1 || sent.Find(same.Key) is null))
            {
                losses.Add($"{sop.Key} is listed {sop.Count()} times, sent: {sent.Find(sop.Key) is not null}");
            }
            var there = listed.ToHashSet();
            foreach (var one in study)
            {
                if (!there.Contains(one.Sop))
                {
                    if (one.IsAcknowledged)
                    {
                        losses.Add($"{one.Sop} was acknowledged and is not there");
                    }
                }
                else if (await HashAsync(client, one) != one.Hash)
                {
                    losses.Add($"{one.Sop} has another data set");
                }
            }
        });
        return losses;
    }

    /// <summary>Notes what was seen in the fault table, then requires that nothing was lost.</summary>
    public static async Task RequireAllAsync(Uri archive, SentObjects sent, FaultRow row)
    {
        var losses = await FindLossesAsync(archive, sent);
        FaultTable.Add(row.Id, row.Injected, row.Times, sent.Acknowledged, losses.Count, row.Recovery, row.Seed);
        Assert.Empty(losses);
    }

    private static async Task<string> HashAsync(ArchiveClient client, SentObject one)
    {
        using var answer = await client.SendAsync(one.Path, "application/dicom; transfer-syntax=*");
        return await SentObject.HashAsync(await answer.Content.ReadAsByteArrayAsync());
    }
}

/// <summary>A row of the fault table, without the counts that the check makes.</summary>
internal sealed record FaultRow(string Id, string Injected, int Times, TimeSpan? Recovery, string Seed);

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>Compares what the archive shows with what it may show: listed, counted and retrievable are one.</summary>
internal static class StormCheck
{
    private const int AtOnce = 8;
    private const int Page = 5000;

    private const string StudyUid = "0020000D", SeriesUid = "0020000E", SopUid = "00080018";
    private const string SeriesOfStudy = "00201206", InstancesOfStudy = "00201208", InstancesOfSeries = "00201209";

    /// <summary>Looks at every study with such an entry, whole, retrieves these entries, and settles the model.</summary>
    /// <returns>Instances retrieved.</returns>
    public static async Task<int> RunAsync(ArchiveClient client, StormModel model, Func<StormEntry, bool> retrieve)
    {
        var byStudy = model.Entries.ToLookup(entry => entry.Instance.Study);
        var retrieved = 0;
        await Parallel.ForEachAsync(byStudy.Where(study => study.Any(retrieve)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (study, _) =>
        {
            Interlocked.Add(ref retrieved, await StudyAsync(client, model, study.Key, [.. study], retrieve));
        });
        return retrieved;
    }

    private static async Task<int> StudyAsync(ArchiveClient client, StormModel model, string study, List<StormEntry> expected, Func<StormEntry, bool> retrieve)
    {
        var retrieved = 0;
        var matches = await client.SearchAsync($"studies/{study}/instances?limit={Page}");
        Assert.True(matches.Count < Page, "The storm made a study too large to be listed at once.");
        var listed = matches.ToDictionary(match => ArchiveClient.Text(match, SopUid), match => ArchiveClient.Text(match, SeriesUid));
        foreach (var (sop, series) in listed)
        {
            var entry = model.Find(sop);
            Assert.True(entry is not null && entry.Instance.Study == study && entry.Instance.Series == series, $"{sop} was never sent to {study}.");
        }
        foreach (var entry in expected)
        {
            if (!listed.ContainsKey(entry.Instance.Sop))
            {
                Assert.True(entry.MayBe(StormEntry.Absent), $"Lost: {entry}");
                entry.Seen(StormEntry.Absent);
                continue;
            }
            if (!retrieve(entry))
            {
                Assert.True(!entry.IsSettledAs(StormEntry.Absent), $"Back again: {entry}");
                continue;
            }
            retrieved++;
            var hash = await client.HashAsync(entry.Instance.Path);
            var variant = Enumerable.Range(0, StormInstance.Variants).Where(v => entry.Instance.Hash(v) == hash).DefaultIfEmpty(-2).First();
            Assert.True(variant >= 0, $"The bytes are none that were sent: {entry}");
            Assert.True(entry.MayBe(variant), $"Variant {variant} is visible: {entry}");
            entry.Seen(variant);
        }
        await CountsAsync(client, study, listed);
        return retrieved;
    }

    private static async Task CountsAsync(ArchiveClient client, string study, Dictionary<string, string> listed)
    {
        var studies = await client.SearchAsync($"studies?StudyInstanceUID={study}&includefield={SeriesOfStudy},{InstancesOfStudy}");
        var series = await client.SearchAsync($"studies/{study}/series?limit={Page}&includefield={InstancesOfSeries}");
        if (listed.Count == 0)
        {
            Assert.Empty(studies);
            Assert.Empty(series);
            return;
        }
        var only = Assert.Single(studies);
        Assert.Equal(study, ArchiveClient.Text(only, StudyUid));
        Assert.Equal(listed.Count, ArchiveClient.Number(only, InstancesOfStudy));
        Assert.Equal(listed.Values.Distinct().Count(), ArchiveClient.Number(only, SeriesOfStudy));
        Assert.Equal(
            listed.Values.CountBy(uid => uid).OrderBy(pair => pair.Key, StringComparer.Ordinal),
            series.Select(match => KeyValuePair.Create(ArchiveClient.Text(match, SeriesUid), ArchiveClient.Number(match, InstancesOfSeries)))
                .OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }
}

using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>The index is a function of what is stored, not of the order in which it came (architecture, section 4, step 6).</summary>
public abstract class OrderContract
{
    private static readonly string[] Names = ["", "Doe^Jane", "Roe^Richard", "Müller^Jörg"];

    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Commit_AnyOrderAndGrouping_GivesTheSameIndex(int seed)
    {
        await using var inOrder = await OpenAsync();
        await using var shuffled = await OpenAsync();
        var random = new Random(seed);
        var packs = Packs(inOrder.Time, random);
        shuffled.Time.Advance(inOrder.Time.GetUtcNow() - shuffled.Time.GetUtcNow());
        var mixed = packs.ToArray();
        random.Shuffle(mixed);

        foreach (var pack in packs)
        {
            await inOrder.CommitAsync(pack);
        }
        for (var i = 0; i < mixed.Length;)
        {
            var size = random.Next(1, 5);
            await shuffled.Index.CommitAsync(mixed[i..Math.Min(i + size, mixed.Length)], default);
            i += size;
        }

        Assert.Equal(await inOrder.DumpAsync(), await shuffled.DumpAsync());
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task DeletesAndRestores_LeaveTheIndexOfWhatIsLive(int seed)
    {
        await using var worked = await OpenAsync();
        await using var rebuilt = await OpenAsync();
        var random = new Random(seed);
        var packs = Packs(worked.Time, random);
        foreach (var pack in packs)
        {
            await worked.CommitAsync(pack);
            var key = packs[random.Next(packs.Count)].Members[0].Entry.Key;
            var scope = random.Next(4);
            await worked.DeleteAsync(key.StudyUid, scope > 0 ? key.SeriesUid : null, scope > 1 ? key.SopUid : null);
            await worked.RestoreAsync(packs[random.Next(packs.Count)].StudyUid);
        }

        var live = new HashSet<Origin>();
        foreach (var study in packs.Select(static pack => pack.StudyUid).Distinct())
        {
            live.UnionWith((await worked.LocateAsync(study))?.Instances.Select(static entry => entry.Origin) ?? []);
        }
        rebuilt.Time.Advance(worked.Time.GetUtcNow() - rebuilt.Time.GetUtcNow());
        foreach (var pack in packs)
        {
            var members = pack.Members.Where(member => live.Contains(member.Entry.Origin)).ToList();
            await rebuilt.CommitAsync(pack with { Members = members, Adopting = true });
        }

        Assert.NotEmpty(live);
        Assert.Equal(Live(await worked.DumpAsync()), Live(await rebuilt.DumpAsync()));
    }

    // Studies, series, words, modalities, patients and live instances; attribute sets and packs of deleted ones are not part of it.
    private static IEnumerable<string> Live(string dump)
    {
        var parts = dump.Split("\n--\n");
        return [parts[0][..parts[0].LastIndexOf('|')], .. parts[1..7], parts[8]];
    }

    private static List<PackCommit> Packs(SettableTime time, Random random) => [.. Enumerable.Range(0, 40).Select(pack =>
    {
        var study = random.Next(1, 4);
        var members = Enumerable.Range(0, random.Next(1, 4)).Select(i => Sample.Member(
            Sample.Key(study, random.Next(1, 4), 10 * pack + i),
            new StudyAttributes
            {
                PatientName = Names[random.Next(4)], PatientId = random.Next(3) == 0 ? "" : $"P{random.Next(2)}", IssuerOfPatientId = random.Next(2) == 0 ? "" : "H|1", PatientSex = random.Next(2) == 0 ? "F" : "M",
                StudyDate = random.Next(2) == 0 ? "" : $"2024010{random.Next(1, 5)}", StudyDescription = random.Next(3) == 0 ? "" : $"D{random.Next(5)}",
            },
            new SeriesAttributes
            {
                Modality = random.Next(3) == 0 ? "" : random.Next(2) == 0 ? "CT" : "MR", SeriesNumber = random.Next(2) == 0 ? "" : $"{random.Next(20)}",
                Requests = random.Next(2) == 0 ? [] : [new($"S{random.Next(3)}", ""), new("", $"R{random.Next(3)}")],
            }, number: $"{random.Next(30)}")).ToList();
        return Sample.Pack(time.Tick(), members);
    })];
}

using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>What every provider says of how much there is.</summary>
public abstract class StatisticsContract
{
    private static readonly DateOnly Start = new(2025, 3, 1);

    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Fact]
    public async Task Statistics_OfNothing_AreZero()
    {
        await using var harness = await OpenAsync();
        var statistics = await ReadAsync(harness, Start);
        Assert.Equal(default, statistics.Total);
        Assert.Empty(statistics.Days);
        Assert.Empty(statistics.Modalities);
    }

    [Fact]
    public async Task Study_CountsWhole_OnTheDayOfItsFirstInstance()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Member(1, "CT"), Member(1, "CT", 2));
        harness.Time.Advance(TimeSpan.FromDays(2));
        await harness.StoreAsync(Member(1, "CT", 3));
        await harness.StoreAsync(Member(2, "MR"));

        var statistics = await ReadAsync(harness, Start);

        Assert.Equal(new StudySums(2, 2, 4, 4_000), statistics.Total);
        Assert.Equal([(Start, new StudySums(1, 1, 3, 3_000)), (Start.AddDays(2), new StudySums(1, 1, 1, 1_000))], statistics.Days.Select(day => (day.Key, day.Value)));
        Assert.Equal([("CT", new StudySums(1, 1, 3, 3_000)), ("MR", new StudySums(1, 1, 1, 1_000))], statistics.Modalities.Select(modality => (modality.Key, modality.Value)));
    }

    [Fact]
    public async Task Study_OfSeveralModalities_CountsForEach_AndOnceInAll()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Member(1, "CT"), Member(1, "SR", series: 2));
        await harness.StoreAsync(Member(2, "CT"));
        await harness.StoreAsync(Member(3, ""));

        var statistics = await ReadAsync(harness, Start);

        Assert.Equal(new StudySums(3, 4, 4, 4_000), statistics.Total);
        Assert.Equal([("CT", 2L, 3_000L), ("SR", 1, 2_000), ("", 1, 1_000)], statistics.Modalities.Select(modality => (modality.Key, modality.Value.Studies, modality.Value.Bytes)));
    }

    [Fact]
    public async Task EarlierDays_AreInTheTotalAlone()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Member(1, "CT"));
        harness.Time.Advance(TimeSpan.FromDays(30));
        await harness.StoreAsync(Member(2, "CT"));

        var statistics = await ReadAsync(harness, Start.AddDays(30));

        Assert.Equal(2, statistics.Total.Studies);
        Assert.Equal(Start.AddDays(30), Assert.Single(statistics.Days).Key);
        Assert.Equal(2, Assert.Single(statistics.Modalities).Value.Studies);
    }

    [Fact]
    public async Task Deletion_TakesAway_AndLeavesTheDayToWhatIsLeft()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Member(1, "CT"));
        harness.Time.Advance(TimeSpan.FromDays(1));
        await harness.StoreAsync(Member(1, "CT", 2));
        await harness.StoreAsync(Member(2, "MR"));

        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1");
        await harness.DeleteAsync("1.2.3.2");

        var statistics = await ReadAsync(harness, Start);
        Assert.Equal(new StudySums(1, 1, 1, 1_000), statistics.Total);
        Assert.Equal(Start.AddDays(1), Assert.Single(statistics.Days).Key);
        Assert.Equal("CT", Assert.Single(statistics.Modalities).Key);
    }

    private static Task<ArchiveStatistics> ReadAsync(IndexHarness harness, DateOnly since) =>
        ((IStatisticsIndex)harness.Index).StatisticsAsync(Sample.Tenant, since, default);

    private static PackMember Member(int study, string modality, int instance = 1, int series = 1) =>
        Sample.Member(Sample.Key(study, series, instance), series: new SeriesAttributes { Modality = modality });
}

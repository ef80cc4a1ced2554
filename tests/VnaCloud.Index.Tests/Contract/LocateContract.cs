using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>What every provider says of stored places.</summary>
public abstract class LocateContract
{
    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Fact]
    public async Task Locate_Order_IsNumericThenUid()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(
            Sample.Member(Sample.Key(1, 1, 1), series: new SeriesAttributes { SeriesNumber = "10" }, number: "2"),
            Sample.Member(Sample.Key(1, 1, 2), series: new SeriesAttributes { SeriesNumber = "10" }, number: "10"),
            Sample.Member(Sample.Key(1, 1, 3), series: new SeriesAttributes { SeriesNumber = "10" }, number: ""),
            Sample.Member(Sample.Key(1, 1, 4), series: new SeriesAttributes { SeriesNumber = "10" }, number: "1"),
            Sample.Member(Sample.Key(1, 2, 1), series: new SeriesAttributes { SeriesNumber = "9" }),
            Sample.Member(Sample.Key(1, 4, 1), series: new SeriesAttributes { SeriesNumber = "x" }),
            Sample.Member(Sample.Key(1, 3, 1), series: new SeriesAttributes { SeriesNumber = "x" }));

        var study = (await harness.LocateAsync("1.2.3.1"))!.Instances.Select(static entry => entry.Key.SopUid["1.2.3.1.".Length..]);
        var series = (await harness.LocateAsync("1.2.3.1", "1.2.3.1.1"))!.Instances.Select(static entry => entry.Key.SopUid["1.2.3.1.".Length..]);

        Assert.Equal(["2.1", "1.4", "1.1", "1.2", "1.3", "3.1", "4.1"], study);
        Assert.Equal(["1.4", "1.1", "1.2", "1.3"], series);
    }

    [Theory]
    [InlineData("1.2.3.1", null, null, 3)]
    [InlineData("1.2.3.1", "1.2.3.1.1", null, 2)]
    [InlineData("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2", 1)]
    [InlineData("1.2.3.1", null, "1.2.3.1.2.1", 1)]
    [InlineData("1.2.3.1", "1.2.3.1.2", "1.2.3.1.1.2", 0)]
    [InlineData("1.2.3.2", "1.2.3.1.1", null, 0)]
    [InlineData("1.2.3", null, null, 0)]
    [InlineData("1.2.3.1%", null, null, 0)]
    public async Task Locate_Scope_GivesWhatIsInIt(string study, string? series, string? sop, int count)
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, 1, 2)), Sample.Member(Sample.Key(1, 2)));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));

        var view = await harness.LocateAsync(study, series, sop);

        Assert.Equal(count, view?.Instances.Count ?? 0);
    }

    [Fact]
    public async Task Locate_OtherTenant_SeesNothing()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));

        Assert.Null(await harness.Index.LocateAsync(new TenantId(2), "1.2.3.1", null, null, default));
        Assert.Empty((await harness.SearchAsync(new SearchRequest { Tenant = new TenantId(2), Level = QueryLevel.Study, Limit = 10 })).Rows);
    }
}

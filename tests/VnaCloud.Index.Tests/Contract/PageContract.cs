using VnaCloud.Archive;
using static VnaCloud.Index.Tests.Contract.SearchHarness;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>Order, pages, totals and cursors of every provider.</summary>
public abstract class PageContract
{
    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Fact]
    public async Task Search_Studies_AreNewestFirstThenByUid()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1), new StudyAttributes { StudyDate = "20230101", StudyTime = "10" }));
        await harness.StoreAsync(Sample.Member(Sample.Key(3), new StudyAttributes { StudyDate = "20240101", StudyTime = "10" }));
        await harness.StoreAsync(Sample.Member(Sample.Key(2), new StudyAttributes { StudyDate = "20240101", StudyTime = "10" }));
        await harness.StoreAsync(Sample.Member(Sample.Key(4), new StudyAttributes { StudyDate = "20240101", StudyTime = "11" }));
        await harness.StoreAsync(Sample.Member(Sample.Key(5), new StudyAttributes()));

        Assert.Equal("4 2 3 1 5", await harness.StudiesAsync());
    }

    [Fact]
    public async Task Search_Row_SaysWhatIsIndexedAtEachLevel()
    {
        await using var harness = await OpenAsync();
        var (study, series) = (new StudyAttributes { StudyDate = "20240102", PatientId = "P", AccessionNumber = "A", TimezoneOffset = "+0100", StudyId = "I" },
            new SeriesAttributes { Modality = "MR", SeriesNumber = "4", StationName = "S", InstitutionName = "I", BodyPartExamined = "B", SeriesDescription = "D",
                PerformedProcedureStepStartDate = "20240103", PerformedProcedureStepStartTime = "12" });
        var pack = Sample.Pack(harness.Time, Sample.Member(Sample.Key(1), study, series), Sample.Member(Sample.Key(1, 1, 2), study, series));
        await harness.CommitAsync(pack);

        var row = (await harness.SearchAsync(QueryLevel.Instance, Any(0x0008_0018, "1.2.3.1.1.2"))).Rows.Single();

        Assert.Equal(study, row.Study.Attributes);
        Assert.Equal(series with { Requests = row.Series!.Attributes.Requests }, row.Series.Attributes);
        Assert.Equal((2, 2, 1), (row.Study.InstanceCount, row.Series.InstanceCount, row.Study.SeriesCount));
        Assert.Equal(pack.Members[0].Entry.Metadata.Segments, row.Study.First.Segments);
        Assert.Equal((pack.PackKey, 9_000L), (row.Series.First.PackKey, row.Series.First.Offset));
        var entry = pack.Members[1].Entry;
        Assert.Equal(entry with { Metadata = row.Instance!.Metadata }, row.Instance);
        Assert.Equal(entry.Metadata.Segments, row.Instance.Metadata.Segments);
    }

    [Theory]
    [InlineData(QueryLevel.Study, 6)]
    [InlineData(QueryLevel.Series, 18)]
    [InlineData(QueryLevel.Instance, 54)]
    public async Task Search_PagesByOffsetAndByCursor_AreTheWholeInOrder(QueryLevel level, int total)
    {
        await using var harness = await OpenAsync();
        await StoreGridAsync(harness);
        var whole = Keys(await harness.SearchAsync(level));

        foreach (var limit in new[] { 1, 4, total - 1, total })
        {
            var (byCursor, byOffset) = (new List<string>(), new List<string>());
            for (string? cursor = null; ; )
            {
                var page = await harness.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = level, Limit = limit, Cursor = cursor });
                byCursor.AddRange(Keys(page));
                Assert.Equal(total, page.Total);
                cursor = page.NextCursor;
                if (cursor is null)
                {
                    break;
                }
            }
            while (byOffset.Count < total)
            {
                byOffset.AddRange(Keys(await harness.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = level, Limit = limit, Offset = byOffset.Count })));
            }
            Assert.Equal(whole, byCursor);
            Assert.Equal(whole, byOffset);
        }
        Assert.Equal(total, whole.Distinct().Count());
    }

    [Fact]
    public async Task Search_WithinStudyAndSeries_PagesAndTotalsAreTheirs()
    {
        await using var harness = await OpenAsync();
        await StoreGridAsync(harness);
        var request = new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Instance, StudyUid = "1.2.3.2", Limit = 5 };

        var first = await harness.SearchAsync(request);
        var second = await harness.SearchAsync(request with { Cursor = first.NextCursor });
        var series = await harness.SearchAsync(request with { SeriesUid = "1.2.3.2.3", Criteria = [Any(0x0008_0060, "CT")] });

        Assert.Equal((9, 4, 9), (first.Total, second.Rows.Count, second.Total));
        Assert.Null(second.NextCursor);
        Assert.Equal(9, Keys(first).Concat(Keys(second)).Distinct().Count());
        Assert.Equal(["1.2.3.2.3.1", "1.2.3.2.3.2", "1.2.3.2.3.3"], Keys(series));
        Assert.Empty((await harness.SearchAsync(request with { StudyUid = "1.2.3.99" })).Rows);
    }

    [Fact]
    public async Task Search_CursorDuringIngest_NeitherLosesNorRepeats()
    {
        await using var harness = await OpenAsync();
        for (var i = 1; i <= 40; i++)
        {
            await harness.StoreAsync(Sample.Member(Sample.Key(100 + i), new StudyAttributes { StudyDate = $"202401{i % 9 + 10}", StudyTime = $"{i % 3}" }));
        }
        var before = Keys(await harness.SearchAsync(QueryLevel.Study));
        var (seen, next) = (new List<string>(), 1);

        for (string? cursor = null; ; )
        {
            var page = await harness.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Study, Limit = 3, Cursor = cursor });
            seen.AddRange(Keys(page));
            for (var n = 0; n < 2; n++, next++)
            {
                await harness.StoreAsync(Sample.Member(Sample.Key(next), new StudyAttributes { StudyDate = $"202401{next % 12 + 8:00}" }));
            }
            cursor = page.NextCursor;
            if (cursor is null)
            {
                break;
            }
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(before, seen.Where(before.Contains));
    }

    [Fact]
    public async Task Search_Total_IsExactWhateverTheOffset()
    {
        await using var harness = await OpenAsync();
        await StoreGridAsync(harness);
        var request = new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Study, Limit = 2, Criteria = [Name("doe*")] };

        Assert.Equal((6, false), (await harness.SearchAsync(request)) is var a ? (a.Total, a.TotalIsLowerBound) : default);
        Assert.Equal(6, (await harness.SearchAsync(request with { Offset = 5 })).Total);
        Assert.Equal(6, (await harness.SearchAsync(request with { Offset = 600 })).Total);
        Assert.Equal(0, (await harness.SearchAsync(request with { Criteria = [Name("nobody*")] })).Total);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("AQAA")]
    [InlineData("AQD_____DwAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Search_GarbageCursor_IsInvalid(string cursor)
    {
        await using var harness = await OpenAsync();
        await StoreGridAsync(harness);

        await Assert.ThrowsAsync<InvalidCursorException>(() => harness.SearchAsync(
            new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Study, Limit = 2, Cursor = cursor }));
    }

    [Fact]
    public async Task Search_CursorOfAnotherLevel_IsInvalid()
    {
        await using var harness = await OpenAsync();
        await StoreGridAsync(harness);
        var page = await harness.SearchAsync(new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Study, Limit = 2 });

        await Assert.ThrowsAsync<InvalidCursorException>(() => harness.SearchAsync(
            new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Series, Limit = 2, Cursor = page.NextCursor }));
    }

    [Fact]
    public async Task Search_Cancelled_Stops()
    {
        await using var harness = await OpenAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.Index.SearchAsync(
            new SearchRequest { Tenant = Sample.Tenant, Level = QueryLevel.Study, Limit = 2 }, cancelled.Token));
    }

    private static List<string> Keys(SearchPage page) =>
        [.. page.Rows.Select(static row => row.Instance?.Key.SopUid ?? row.Series?.SeriesUid ?? row.Study.StudyUid)];

    // Six studies of three series of three instances; dates, times and numbers repeat and disagree with the order of the UIDs.
    private static async Task StoreGridAsync(IndexHarness harness)
    {
        for (var study = 1; study <= 6; study++)
        {
            var attributes = new StudyAttributes { StudyDate = $"2024010{study % 2 + 1}", StudyTime = $"1{study % 3}", PatientName = $"Doe^{study}" };
            await harness.StoreAsync([.. Enumerable.Range(0, 9).Select(i => Sample.Member(Sample.Key(study, i / 3 + 1, i % 3 + 1), attributes,
                new SeriesAttributes { Modality = "CT", SeriesNumber = $"{5 - i / 3 % 2}" }, number: i % 3 == 2 ? "" : "1"))]);
        }
    }
}

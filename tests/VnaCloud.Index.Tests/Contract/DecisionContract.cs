using VnaCloud.Archive;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>What every provider does with deletes and restores.</summary>
public abstract class DecisionContract
{
    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Fact]
    public async Task Delete_Nothing_IsZero()
    {
        await using var harness = await OpenAsync();

        Assert.Equal(0, await harness.DeleteAsync("1.2.3.1"));
        Assert.Equal(0, await harness.RestoreAsync("1.2.3.1"));
        Assert.Empty(await harness.OutboxAsync());
    }

    [Theory]
    [InlineData(null, null, 3)]
    [InlineData("1.2.3.1.1", null, 2)]
    [InlineData("1.2.3.1.1", "1.2.3.1.1.2", 1)]
    public async Task Delete_Scope_TakesWhatIsInItAndRestoreBringsItBack(string? series, string? sop, int count)
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, 1, 2)), Sample.Member(Sample.Key(1, 2)));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        var before = await harness.DumpAsync();

        var deleted = await harness.DeleteAsync("1.2.3.1", series, sop);
        var left = (await harness.LocateAsync("1.2.3.1"))?.Instances.Count ?? 0;
        var restored = await harness.RestoreAsync("1.2.3.1", series, sop);

        Assert.Equal((count, 3 - count, count), (deleted, left, restored));
        Assert.Equal(before, await harness.DumpAsync());
        Assert.Equal([.. Enumerable.Repeat("2", count), .. Enumerable.Repeat("3", count)],
            await harness.RowsAsync("SELECT kind FROM change WHERE kind > 0 ORDER BY seq"));
    }

    [Fact]
    public async Task Delete_WholeStudy_LeavesNoTraceInSearches()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));

        await harness.DeleteAsync("1.2.3.1");

        Assert.Null(await harness.LocateAsync("1.2.3.1"));
        Assert.Empty((await harness.SearchAsync(QueryLevel.Study)).Rows);
        foreach (var table in new[] { "study", "series", "instance", "study_word", "study_modality", "series_request", "patient" })
        {
            Assert.Equal(["0"], await harness.RowsAsync($"SELECT count(*) FROM {table}"));
        }
    }

    [Fact]
    public async Task Restore_DeletedBeforeTheGrace_StaysDeleted()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        await harness.DeleteAsync("1.2.3.1");
        var deletedAt = harness.Time.GetUtcNow();
        harness.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, await harness.RestoreAsync("1.2.3.1", notBefore: deletedAt.AddMilliseconds(1)));
        Assert.Equal(1, await harness.RestoreAsync("1.2.3.1", notBefore: deletedAt));
    }

    [Fact]
    public async Task Restore_StoredAgainSince_LeavesTheLiveOne()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, 1, 2)));
        await harness.DeleteAsync("1.2.3.1");
        await harness.StoreAsync(Sample.Member(Sample.Key(1), content: "new"));

        var restored = await harness.RestoreAsync("1.2.3.1");

        Assert.Equal(1, restored);
        var live = (await harness.LocateAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1"))!.Instances[0];
        Assert.Equal(Sample.Member(Sample.Key(1), content: "new").Entry.ContentDigest, live.ContentDigest);
    }

    [Fact]
    public async Task Restore_SeveralDeletedArrivals_BringsBackTheLastAndOnlyOnce()
    {
        await using var harness = await OpenAsync();
        foreach (var content in new[] { "first", "second" })
        {
            await harness.StoreAsync(Sample.Member(Sample.Key(1), content: content));
            await harness.DeleteAsync("1.2.3.1");
            harness.Time.Tick();
        }

        Assert.Equal(1, await harness.RestoreAsync("1.2.3.1"));
        Assert.Equal(0, await harness.RestoreAsync("1.2.3.1"));

        var live = Assert.Single((await harness.LocateAsync("1.2.3.1"))!.Instances);
        Assert.Equal(Sample.Member(Sample.Key(1), content: "second").Entry.ContentDigest, live.ContentDigest);
        Assert.Equal(["1"], await harness.RowsAsync("SELECT count(*) FROM deleted_instance"));
    }

    [Fact]
    public async Task Decide_OutboxRow_NamesTheArrival()
    {
        await using var harness = await OpenAsync();
        var pack = Sample.Pack(harness.Time, Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, 1, 2)));
        await harness.CommitAsync(pack);

        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");

        var decision = Assert.Single(await harness.OutboxAsync());
        Assert.Equal(new Decision(decision.Id, DecisionKind.Delete, Sample.Key(1, 1, 2), new Origin(pack.Pack, 1),
            DateTimeOffset.FromUnixTimeMilliseconds(harness.Time.GetUtcNow().ToUnixTimeMilliseconds()), "request"), decision);
    }

    [Fact]
    public async Task Delete_InstanceThatGaveAttributes_NextOneGivesThem()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1), new StudyAttributes { PatientId = "P", PatientName = "Wrong^Name" }));
        await harness.StoreAsync(Sample.Member(Sample.Key(1, 1, 2), new StudyAttributes { PatientId = "P", PatientName = "Right^Name" },
            new SeriesAttributes { Modality = "MR" }));

        var before = (await harness.SearchAsync(QueryLevel.Study)).Rows[0].Study;
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1");
        var after = (await harness.SearchAsync(QueryLevel.Study)).Rows[0].Study;

        Assert.Equal(("Wrong^Name", "CT"), (before.Attributes.PatientName, Assert.Single(before.Modalities)));
        Assert.Equal(("Right^Name", "MR"), (after.Attributes.PatientName, Assert.Single(after.Modalities)));
        Assert.Equal(["|P|Right^Name|1"], await harness.RowsAsync("SELECT issuer, patient_id, name, studies FROM patient"));
    }
}

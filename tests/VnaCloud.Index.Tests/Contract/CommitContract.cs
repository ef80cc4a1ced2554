using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Index.Tests.Contract;

/// <summary>What every provider does with packs.</summary>
public abstract class CommitContract
{
    /// <summary>A new, empty index.</summary>
    protected abstract Task<IndexHarness> OpenAsync();

    [Fact]
    public async Task Commit_NewInstances_AreStoredAndLocatedWithEveryField()
    {
        await using var harness = await OpenAsync();
        var frames = new FrameMap(FrameLayout.Encapsulated, 1, 700, 9_000, 0, -1, new FrameRange(716, 8_000, 3));
        var member = Sample.Member(Sample.Key(1)) with { };
        member = member with { Entry = member.Entry with { Frames = frames } };
        var pack = Sample.Pack(harness.Time, member);

        var result = await harness.CommitAsync(pack);

        Assert.Equal([MemberOutcome.Stored], result.Outcomes);
        Assert.Null(result.Refused);
        var found = Assert.Single((await harness.LocateAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1"))!.Instances);
        var expected = pack.Members[0].Entry;
        Assert.Equal(expected.Metadata.Segments, found.Metadata.Segments);
        Assert.Equal(expected with { Metadata = found.Metadata }, found);
        Assert.Equal(expected.Metadata with { Segments = found.Metadata.Segments }, found.Metadata);
    }

    [Fact]
    public async Task Commit_EqualContent_IsDuplicateAndChangesNothing()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var (before, changes) = (await harness.DumpAsync(), await harness.RowsAsync("SELECT * FROM change"));
        var version = (await harness.LocateAsync("1.2.3.1"))!.Version;
        var again = Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(1)));

        var result = await harness.CommitAsync(again);

        Assert.Equal([MemberOutcome.Duplicate], result.Outcomes);
        Assert.Equal(before, await harness.DumpAsync());
        Assert.Equal(changes, await harness.RowsAsync("SELECT * FROM change"));
        Assert.Equal(version, (await harness.LocateAsync("1.2.3.1"))!.Version);
        var decision = Assert.Single(await harness.OutboxAsync());
        Assert.Equal((DecisionKind.Void, "duplicate", new Origin(again.Pack, 0)), (decision.Kind, decision.Reason, decision.Origin));
    }

    [Fact]
    public async Task Commit_OtherContent_IsConflictAndTheFirstStays()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var before = await harness.DumpAsync();

        var result = await harness.StoreAsync(Sample.Member(Sample.Key(1), content: "other"), Sample.Member(Sample.Key(1, 1, 2)));

        Assert.Equal([MemberOutcome.Conflict, MemberOutcome.Stored], result.Outcomes);
        Assert.NotEqual(before, await harness.DumpAsync());
        Assert.Equal("conflict", Assert.Single(await harness.OutboxAsync()).Reason);
        Assert.Equal(2, (await harness.LocateAsync("1.2.3.1"))!.Instances.Count);
    }

    [Fact]
    public async Task Commit_SameKeyTwiceInOnePack_FirstWins()
    {
        await using var harness = await OpenAsync();

        var result = await harness.StoreAsync(
            Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1), content: "other"));

        Assert.Equal([MemberOutcome.Stored, MemberOutcome.Duplicate, MemberOutcome.Conflict], result.Outcomes);
        var state = await harness.Index.StateAsync(default);
        Assert.Equal((1, 1, 1), (state.Studies, state.Series, state.Instances));
    }

    [Fact]
    public async Task Commit_DuplicateWithSmallerOrigin_LeavesTheLiveArrivalNamed()
    {
        await using var harness = await OpenAsync();
        var early = Ulid.New(harness.Time);
        var late = Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(1)));
        await harness.CommitAsync(late);

        var result = await harness.CommitAsync(Sample.PackOf(early, harness.Time, Sample.Member(Sample.Key(1))));
        await harness.DeleteAsync("1.2.3.1");

        // A delete that named the void arrival would let the live one come back with a reindex.
        Assert.Equal([MemberOutcome.Duplicate], result.Outcomes);
        var delete = Assert.Single(await harness.OutboxAsync(), static decision => decision.Kind == DecisionKind.Delete);
        Assert.Equal(new Origin(late.Pack, 0), delete.Origin);
    }

    [Fact]
    public async Task Commit_SamePackUnderAnotherBatch_IsStoredWithoutVoidingItself()
    {
        await using var harness = await OpenAsync();
        var pack = Sample.Pack(harness.Time, Sample.Member(Sample.Key(1)));
        await harness.CommitAsync(pack);

        var result = await harness.CommitAsync(pack with { Adopting = true, Source = pack.Source with { Batch = Ulid.New(harness.Time.Tick()) } });

        Assert.Equal([MemberOutcome.Stored], result.Outcomes);
        Assert.Empty(await harness.OutboxAsync());
    }

    [Fact]
    public async Task Commit_BatchSeenBefore_GivesTheSameAnswerAgain()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var pack = Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1), content: "other"),
            Sample.Member(Sample.Key(1, 1, 2)), Sample.Member(Sample.Key(1, 1, 3)));
        var first = await harness.CommitAsync(pack);
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.3");
        var (before, outbox) = (await harness.DumpAsync(), (await harness.OutboxAsync()).Count);

        var second = await harness.CommitAsync(pack);

        Assert.Equal([MemberOutcome.Duplicate, MemberOutcome.Conflict, MemberOutcome.Stored, MemberOutcome.Stored], first.Outcomes);
        Assert.Equal(first.Outcomes, second.Outcomes);
        Assert.Equal(before, await harness.DumpAsync());
        Assert.Equal(outbox, (await harness.OutboxAsync()).Count);
    }

    [Fact]
    public async Task Commit_BatchSeenBeforeAndWinnerDeletedSince_DoesNotStoreTheVoidMember()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var pack = Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(1)));
        await harness.CommitAsync(pack);
        await harness.DeleteAsync("1.2.3.1");

        var again = await harness.CommitAsync(pack);

        Assert.Equal([MemberOutcome.Duplicate], again.Outcomes);
        Assert.Null(await harness.LocateAsync("1.2.3.1"));
    }

    [Fact]
    public async Task Commit_SopInOtherStudyOrSeries_IsStoredAndFlagged()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var sop = Sample.Key(1).SopUid;

        var otherStudy = await harness.StoreAsync(Sample.Member(Sample.Key(2) with { SopUid = sop }), Sample.Member(Sample.Key(2, 1, 2)));
        var otherSeries = await harness.StoreAsync(Sample.Member(Sample.Key(1, 2) with { SopUid = sop }));

        Assert.Equal([MemberOutcome.Stored, MemberOutcome.Stored], otherStudy.Outcomes);
        Assert.Equal([0], otherStudy.SopElsewhere);
        Assert.Equal([0], otherSeries.SopElsewhere);
    }

    [Theory]
    [InlineData(5.9, false, false)]
    [InlineData(6.1, false, true)]
    [InlineData(6.1, true, false)]
    public async Task Commit_OldPack_IsRefusedUnlessAdopting(double hours, bool adopting, bool refused)
    {
        await using var harness = await OpenAsync();
        var pack = Sample.Pack(harness.Time, Sample.Member(Sample.Key(1))) with { Adopting = adopting };
        harness.Time.Advance(TimeSpan.FromHours(hours));

        var result = await harness.CommitAsync(pack);

        Assert.Equal(refused, result.Refused is not null);
        Assert.Equal(refused, await harness.LocateAsync("1.2.3.1") is null);
    }

    [Fact]
    public async Task Commit_OneGuiltyPackAmongThree_OthersAreCommitted()
    {
        await using var harness = await OpenAsync();
        var guilty = Sample.Pack(harness.Time, Sample.Member(Sample.Key(2)), Sample.Member(Sample.Key(9)));

        var results = await harness.Index.CommitAsync(
            [Sample.Pack(harness.Time, Sample.Member(Sample.Key(1))), guilty, Sample.Pack(harness.Time, Sample.Member(Sample.Key(3)))], default);

        Assert.Equal([false, true, false], results.Select(static result => result.Refused is not null));
        Assert.NotNull(await harness.LocateAsync("1.2.3.1"));
        Assert.Null(await harness.LocateAsync("1.2.3.2"));
        Assert.NotNull(await harness.LocateAsync("1.2.3.3"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.CommitAsync(guilty));
    }

    [Fact]
    public async Task Commit_NulAndOverlongAndLoneSurrogate_AreStoredAsText()
    {
        await using var harness = await OpenAsync();
        var study = new StudyAttributes { PatientId = "A\0B", StudyDescription = new string('x', 5_000), AccessionNumber = "a\uD800b", PatientName = "N\0^M" };

        await harness.StoreAsync(Sample.Member(Sample.Key(1), study), Sample.Member(Sample.Key(1, 2), study, new SeriesAttributes { Modality = "C\0T" }));

        var row = Assert.Single((await harness.SearchAsync(QueryLevel.Study)).Rows).Study;
        Assert.Equal("A\uFFFDB", row.Attributes.PatientId);
        Assert.Equal(1_024, row.Attributes.StudyDescription.Length);
        Assert.Equal("a\uFFFDb", row.Attributes.AccessionNumber);
        Assert.Equal(["CT", "C\uFFFDT"], row.Modalities);
    }

    [Fact]
    public async Task Commit_Counters_AreThoseOfTheRows()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)), Sample.Member(Sample.Key(1, 1, 2)), Sample.Member(Sample.Key(1, 2)));
        await harness.StoreAsync(Sample.Member(Sample.Key(2)));
        await harness.DeleteAsync("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.2");

        var state = await harness.Index.StateAsync(default);

        Assert.Equal((2, 3, 3, 2), (state.Studies, state.Series, state.Instances, state.Packs));
        var study = (await harness.SearchAsync(QueryLevel.Study)).Rows.Single(static row => row.Study.StudyUid == "1.2.3.1").Study;
        Assert.Equal((2, 2, 2_000L), (study.SeriesCount, study.InstanceCount, study.Bytes));
    }

    [Fact]
    public async Task Commit_Version_RisesAndNeverComesBack()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync(Sample.Member(Sample.Key(1)));
        var first = (await harness.LocateAsync("1.2.3.1"))!.Version;
        await harness.DeleteAsync("1.2.3.1");

        // All within one millisecond of the index's clock.
        await harness.CommitAsync(Sample.Pack(harness.Time, Sample.Member(Sample.Key(1), content: "other")));

        Assert.True((await harness.LocateAsync("1.2.3.1"))!.Version > first + 1);
    }

    [Fact]
    public async Task Commit_HundredIdenticalAtOnce_OneIsStored()
    {
        await using var harness = await OpenAsync();
        var packs = Enumerable.Range(0, 100).Select(_ => Sample.Pack(harness.Time.Tick(), Sample.Member(Sample.Key(1)))).ToList();

        var results = await Task.WhenAll(packs.Select(pack => Task.Run(() => harness.CommitAsync(pack))));

        Assert.Equal(1, results.Count(static result => result.Outcomes[0] == MemberOutcome.Stored));
        Assert.Equal(99, results.Count(static result => result.Outcomes[0] == MemberOutcome.Duplicate));
        Assert.Equal(["1"], await harness.RowsAsync("SELECT count(*) FROM change"));
        Assert.Equal(["1"], await harness.RowsAsync("SELECT count(*) FROM pack"));
        Assert.Equal(99, (await harness.OutboxAsync()).Count);
    }

    [Fact]
    public async Task Outbox_IdsRiseStrictlyAndWrittenOnesGo()
    {
        await using var harness = await OpenAsync();
        await harness.StoreAsync([.. Enumerable.Range(1, 30).Select(static i => Sample.Member(Sample.Key(1, 1, i)))]);
        await harness.DeleteAsync("1.2.3.1");
        harness.Time.Advance(TimeSpan.FromHours(-1)); // a clock set back
        await harness.RestoreAsync("1.2.3.1");

        var all = await harness.OutboxAsync();
        var rest = await harness.OutboxAsync([.. all.Take(30).Select(static decision => decision.Id)]);

        Assert.Equal(60, all.Count);
        Assert.All(all.Zip(all.Skip(1)), static pair => Assert.True(pair.First.Id < pair.Second.Id));
        Assert.Equal(all.Skip(30), rest);
        Assert.All(rest, static decision => Assert.Equal(DecisionKind.Restore, decision.Kind));
        Assert.Equal(5, (await harness.Index.OutboxAsync(Sample.Tenant, [], 5, default)).Count);
    }
}

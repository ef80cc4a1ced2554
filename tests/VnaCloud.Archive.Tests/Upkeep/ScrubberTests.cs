using VnaCloud.Archive.Tests.Maintenance;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Upkeep;

public class ScrubberTests
{
    [Fact]
    public async Task Run_PacksThatWereReadLately_ReadsNone()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        Assert.Equal(0, (await ScrubAsync(fixture)).Packs);
        fixture.Time.Advance(UpkeepFixture.Options.ScrubCycle);
        var report = await ScrubAsync(fixture);
        Assert.Equal((1L, 0L), (report.Packs, report.FindingCount));
        Assert.True(report.Bytes > 0);
        Assert.Equal(0, (await ScrubAsync(fixture)).Packs);
    }

    [Fact]
    [Trait("fault", "F37")]
    public async Task Run_OneBitOfAnInstanceFlipped_MarksItAndNotItsNeighbour()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await StoreTwoAsync(fixture);
        PackReaderTests.Flip(fixture.Folder.In("objects", (await fixture.Archive.PacksAsync())[0]), 900);

        var report = await ScrubAsync(fixture, ScrubScope.All);

        // Lost is what would be served wrong: the damaged one is marked.
        var unmarked = await fixture.LostAsync(marked: false);
        FaultTable.Add("F37", "one bit of a stored pack flipped, without a mirror", 1, fixture.Live.Count, unmarked, null, "-");
        Assert.Equal((0, 1), (unmarked, await fixture.LostAsync()));
        Assert.Equal(FindingKind.Bytes, Assert.Single(report.Findings).Kind);
        var mark = Assert.Single((await fixture.Archive.Index.UpkeepAsync(10, default)).Quarantined);
        Assert.Equal(("1.2.3.1.1", StoredPart.Data), (mark.Key.SopUid, mark.Part));
        // Nothing of it is compacted away.
        await fixture.StoreAsync(9);
        Assert.True((await fixture.CompactAsync()).FindingCount > 0);
        Assert.Equal(2, (await fixture.Archive.Index.StateAsync(default)).Packs);
        // Put right again, the mark goes.
        PackReaderTests.Flip(fixture.Folder.In("objects", (await fixture.Archive.PacksAsync())[0]), 900);
        await ScrubAsync(fixture, ScrubScope.All);
        Assert.Empty((await fixture.Archive.Index.UpkeepAsync(10, default)).Quarantined);
    }

    [Fact]
    [Trait("fault", "F37")]
    public async Task Run_MetadataOrManifestDamaged_SaysWhichPart()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await StoreTwoAsync(fixture);
        var path = fixture.Folder.In("objects", (await fixture.Archive.PacksAsync())[0]);
        var pack = await PackReader.ReadAsync(fixture.Archive.Store, (await fixture.Archive.PacksAsync())[0], TenantId.Default, default);
        PackReaderTests.Flip(path, (int)pack.Commit.Members[1].Entry.Metadata.Offset + 20);
        await ScrubAsync(fixture, ScrubScope.All);
        var mark = Assert.Single((await fixture.Archive.Index.UpkeepAsync(10, default)).Quarantined);
        Assert.Equal(("1.2.3.1.2", StoredPart.Metadata), (mark.Key.SopUid, mark.Part));
        PackReaderTests.Flip(path, (int)pack.Commit.Members[1].Entry.Metadata.Offset + 20);

        PackReaderTests.Flip(path, (int)pack.Footer.ManifestOffset + 30);
        var report = await ScrubAsync(fixture, ScrubScope.All);
        // An alarm; what is served does not come from the manifest.
        Assert.Equal(FindingKind.Pack, Assert.Single(report.Findings).Kind);
        Assert.Empty((await fixture.Archive.Index.UpkeepAsync(10, default)).Quarantined);
    }

    [Fact]
    [Trait("fault", "F38")]
    public async Task Run_PackDeletedBehindTheArchivesBack_IsAnAlarmInScrubAndReconcile()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        await fixture.StoreAsync(1, study: "1.2.4");
        var key = (await fixture.Archive.PacksAsync())[0];
        await fixture.Archive.Store.DeleteAsync(key, default);
        foreach (var report in new[] { await ScrubAsync(fixture, ScrubScope.All), await new Reconciler(fixture.Parts()).RunAsync(_ => { }, default) })
        {
            Assert.Equal((FindingKind.Missing, key), (Assert.Single(report.Findings).Kind, report.Findings[0].Object));
        }
        var unmarked = await fixture.LostAsync(marked: false);
        FaultTable.Add("F38", "a live pack deleted behind the archive's back, without a mirror", 1, fixture.Live.Count, unmarked, null, "-");
        Assert.Equal((0, 1), (unmarked, await fixture.LostAsync()));
        Assert.Equal(2, (await fixture.Archive.Index.UpkeepAsync(10, default)).Quarantined.Count); // data and metadata
        Assert.Equal(2, (await fixture.Archive.Index.StateAsync(default)).Instances);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_DamagedOrMissingWithAMirror_IsRepairedWithoutAnAlarm(bool missing)
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        var path = fixture.Folder.In("objects", (await fixture.Archive.PacksAsync())[0]);
        var copy = await File.ReadAllBytesAsync(path);
        if (missing)
        {
            await fixture.Archive.Store.DeleteAsync((await fixture.Archive.PacksAsync())[0], default);
        }
        else
        {
            PackReaderTests.Flip(path, 900);
        }
        var parts = fixture.Parts() with
        {
            Repair = async (_, cancellation) =>
            {
                await File.WriteAllBytesAsync(path, copy, cancellation);
                return true;
            },
        };
        var report = await new Scrubber(parts).RunAsync(ScrubScope.All, _ => { }, default);
        Assert.Equal((1L, 0L), (report.Repaired, report.FindingCount));
        await fixture.AssertWholeAsync();
    }

    [Fact]
    public async Task Run_StoreThatDoesNotAnswer_MarksNothing()
    {
        await using var fixture = await UpkeepFixture.OpenAsync();
        await fixture.StoreAsync(1);
        var failing = fixture.Parts() with { Store = new SilentStore(fixture.Archive.Store, failsIdentity: true) };
        await Assert.ThrowsAsync<IOException>(() => new Scrubber(failing).RunAsync(ScrubScope.All, _ => { }, default));
        Assert.Empty((await fixture.Archive.Index.UpkeepAsync(10, default)).Quarantined);
        // Only this pack: an alarm, and on to the next.
        var report = await new Scrubber(fixture.Parts() with { Store = new SilentStore(fixture.Archive.Store, failsIdentity: false) }).RunAsync(ScrubScope.All, _ => { }, default);
        Assert.Equal((1L, 1L), (report.Packs, report.FindingCount));
        Assert.Empty((await fixture.Archive.Index.UpkeepAsync(10, default)).Quarantined);
    }

    private static Task<UpkeepReport> ScrubAsync(UpkeepFixture fixture, ScrubScope scope = ScrubScope.Due) => new Scrubber(fixture.Parts()).RunAsync(scope, _ => { }, default);

    private static async Task StoreTwoAsync(UpkeepFixture fixture)
    {
        var files = Enumerable.Range(1, 2).ToDictionary(i => new InstanceKey("1.2.3", "1.2.3.1", $"1.2.3.1.{i}"), i => Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{i}"));
        await fixture.Archive.StoreAsync([.. files.Values]);
        foreach (var (key, file) in files)
        {
            fixture.Live.Add(key, file);
        }
    }

    /// <summary>Lists and measures, and does not give bytes.</summary>
    private sealed class SilentStore(IObjectStore inner, bool failsIdentity) : IObjectStore
    {
        public ValueTask<ObjectUpload> CreateAsync(string key, CancellationToken cancellation) => inner.CreateAsync(key, cancellation);

        public ValueTask<int> ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellation) =>
            key == ArchiveIdentity.Key && !failsIdentity ? inner.ReadAsync(key, offset, destination, cancellation) : throw new IOException("The store does not answer.");

        public ValueTask<long?> LengthAsync(string key, CancellationToken cancellation) => inner.LengthAsync(key, cancellation);

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

        public ValueTask DeleteAsync(string key, CancellationToken cancellation) => inner.DeleteAsync(key, cancellation);
    }
}

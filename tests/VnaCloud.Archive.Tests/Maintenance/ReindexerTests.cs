using VnaCloud.Dicom;
using VnaCloud.Index;
using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Maintenance;

public class ReindexerTests
{
    private const string Study = "1.2.3", Series = "1.2.3.1";

    [Fact]
    public async Task Run_AfterConflictsDuplicatesDeletesRestoresAndRestores_GivesTheSameIndex()
    {
        using var folder = new TestFolder();
        string before;
        long live;
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await FillAsync(archive);
            before = await archive.DumpAsync();
            live = (await archive.Index.StateAsync(default)).Instances;
        }

        var report = await RebuildAsync(folder);

        Assert.Equal(live, report.Live);
        Assert.Equal((0, 0), (report.DamagedCount, report.UndecidableCount));
        Assert.True(report.Deleted > 0 && report.Void > 0);
        await using var after = await TestArchive.OpenAsync(folder.Path);
        Assert.Equal(before, await after.DumpAsync());
        // What was deleted is where a restore finds it, with the time at which it was deleted.
        Assert.Equal(1, await after.RestoreAsync("1.2.9"));
    }

    [Fact]
    public async Task Run_Twice_GivesTheSameIndex()
    {
        using var folder = new TestFolder();
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await FillAsync(archive);
        }
        await RebuildAsync(folder);
        string first;
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            first = await archive.DumpAsync();
        }
        await RebuildAsync(folder);
        await using var again = await TestArchive.OpenAsync(folder.Path);
        Assert.Equal(first, await again.DumpAsync());
    }

    [Fact]
    public async Task Run_LaterPackCommittedFirst_KeepsWhatWasAcknowledged()
    {
        using var folder = new TestFolder();
        string before;
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await using var early = archive.Session();
            await early.AddAsync(new MemorySource(Instances.Ct(Study, Series, "1.2.3.1.1", seed: 1)), default);
            Assert.Equal([FailureReason.None], await archive.StoreAsync(Instances.Ct(Study, Series, "1.2.3.1.1", seed: 2)));
            Assert.Equal(FailureReason.DuplicateSopInstance, Assert.Single(await early.CompleteAsync(default)).Failure);
            before = await archive.DumpAsync();
        }
        var report = await RebuildAsync(folder);
        Assert.Equal(0, report.UndecidableCount);
        await using var after = await TestArchive.OpenAsync(folder.Path);
        Assert.Equal(before, await after.DumpAsync());
    }

    [Fact]
    public async Task Run_PairThatNobodyJournalled_IsReportedAndTheLaterLeftOut()
    {
        using var folder = new TestFolder();
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await archive.StoreAsync(Instances.Ct(Study, Series, "1.2.3.1.1", seed: 1));
            await archive.StoreAsync(Instances.Ct(Study, Series, "1.2.3.1.1", seed: 2), Instances.Ct(Study, Series, "1.2.3.1.2"));
        }
        foreach (var journal in Directory.GetFiles(folder.In("objects"), "*.jsonl", SearchOption.AllDirectories))
        {
            File.Delete(journal);
        }
        var report = await RebuildAsync(folder);

        Assert.Equal(2, report.Live);
        var pair = Assert.Single(report.Undecidable);
        Assert.Equal("1.2.3.1.1", pair.Key.SopUid);
        Assert.True(pair.Kept.CompareTo(pair.LeftOut) < 0);
        await using (var after = await TestArchive.OpenAsync(folder.Path))
        {
            Assert.Empty(await after.Index.OutboxAsync(TenantId.Default, [], 10, default)); // nothing was decided
        }
        // Reported again, as long as nobody decides.
        Assert.Equal(1, (await RebuildAsync(folder)).UndecidableCount);
    }

    [Fact]
    public async Task Run_DamagedPack_IsReportedAndTheRestGoesOn()
    {
        using var folder = new TestFolder();
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            await archive.StoreAsync(Instances.Ct(Study, Series, "1.2.3.1.1"));
            await archive.StoreAsync(Instances.Ct(Study, Series, "1.2.3.1.2"));
            PackReaderTests.Flip(folder.In("objects", (await archive.PacksAsync())[0]), -PackFormat.FooterFromEnd);
        }
        var report = await RebuildAsync(folder);
        Assert.Equal((1L, 2L), (report.Live, report.Packs));
        Assert.Contains("footer", Assert.Single(report.Damaged).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_LineCutOff_IsReportedWithItsObject()
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync(Instances.Ct(Study, Series, "1.2.3.1.1"));
        await archive.DeleteAsync(Study);
        var path = Assert.Single(Directory.GetFiles(folder.In("objects"), "*.jsonl", SearchOption.AllDirectories));
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path))[..^1]);
        var journal = await JournalReader.ReadAsync(archive.Store, (await archive.Index.StateAsync(default)).TenantKey, default);
        Assert.EndsWith(Path.GetFileName(path), Assert.Single(journal.Damaged).Key, StringComparison.Ordinal);
    }

    private static async Task FillAsync(TestArchive archive)
    {
        byte[] Slice(int n, int seed = 0) => Instances.Ct(Study, Series, $"1.2.3.1.{n}", n, seed);
        await archive.StoreAsync(Slice(1), Slice(2), Slice(3));
        await archive.StoreAsync(Slice(1), Slice(4)); // one duplicate
        await archive.StoreAsync(Slice(2, seed: 9)); // a conflict
        await archive.DeleteAsync(Study, Series, "1.2.3.1.3");
        await archive.StoreAsync(Slice(3, seed: 5)); // stored again, with other content
        await archive.DeleteAsync(Study, Series, "1.2.3.1.4");
        await archive.StoreAsync(Slice(4)); // stored again, the same
        await archive.StoreAsync(Instances.Ct("1.2.8", "1.2.8.1", "1.2.8.1.1"), Instances.Ct("1.2.8", "1.2.8.2", "1.2.8.2.1"));
        await archive.DeleteAsync("1.2.8");
        Assert.Equal(1, await archive.RestoreAsync("1.2.8", "1.2.8.2"));
        await archive.StoreAsync(Instances.Ct("1.2.9", "1.2.9.1", "1.2.9.1.1"));
        await archive.DeleteAsync("1.2.9");
        await archive.RestoreAsync("1.2.9");
        await archive.DeleteAsync("1.2.9");
        // The study's attributes are those of the smallest live origin.
        await archive.StoreAsync(
            Instances.File(new InstanceSpec("1.2.10", "1.2.10.1", "1.2.10.1.1") { PatientName = "First^Name", StudyDescription = "" }),
            Instances.File(new InstanceSpec("1.2.10", "1.2.10.1", "1.2.10.1.2") { PatientName = "Second^Name", StudyDescription = "Second", Modality = "MR" }));
        await archive.DeleteAsync("1.2.10", "1.2.10.1", "1.2.10.1.1");
    }

    // As `vna reindex` does it, without its swap.
    internal static async Task<ReindexReport> RebuildAsync(TestFolder folder)
    {
        foreach (var file in Directory.GetFiles(folder.Path, "index.db*"))
        {
            File.Delete(file);
        }
        using var store = new Storage.FolderObjectStore(folder.In("objects"), TimeProvider.System);
        var identity = (await ArchiveIdentity.ReadAsync(store, default))!;
        var journal = await JournalReader.ReadAsync(store, identity.TenantKey, default);
        await using var index = await SqliteArchiveIndex.OpenAsync(
            new SqliteIndexOptions { Path = folder.In("index.db"), ArchiveId = identity.ArchiveId, TenantKey = identity.TenantKey }, default);
        await index.BeginEpochAsync(journal.LastId, default);
        var report = await new Reindexer(store, index, index.AdoptDeletedAsync, identity.TenantKey).RunAsync(journal, _ => { }, default);
        await index.ApplyAsync(new UpkeepChange.EpochClean(), default);
        return report;
    }
}

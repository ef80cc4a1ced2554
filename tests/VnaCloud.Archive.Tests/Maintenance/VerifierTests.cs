using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Maintenance;

public class VerifierTests
{
    [Fact]
    public async Task Run_SoundArchive_FindsNothing()
    {
        using var folder = new TestFolder();
        await using var archive = await FilledAsync(folder);
        var report = await VerifyAsync(archive);
        Assert.Empty(report.Findings);
        Assert.Equal((2L, 5L, 3L), (report.Packs, report.Instances, report.Rows));
        // A duplicate's pack has no row, and the journal says why.
        Assert.StartsWith("1 packs hold only", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnyByteOfAPackChanged_FindsExactlyThat()
    {
        using var folder = new TestFolder();
        await using var archive = await FilledAsync(folder);
        var key = (await archive.PacksAsync())[0];
        var path = folder.In("objects", key);
        var length = new FileInfo(path).Length;
        var kinds = new HashSet<FindingKind>();
        for (var at = 0L; at < length; at += 37)
        {
            PackReaderTests.Flip(path, at);
            var report = await VerifyAsync(archive);
            PackReaderTests.Flip(path, at);
            if (report.FindingCount == 0)
            {
                Assert.True(SaysNothing(await PackReader.ReadAsync(archive.Store, key, TenantId.Default, default), at), $"byte {at}");
                continue;
            }
            var finding = Assert.Single(report.Findings);
            Assert.Equal(key, finding.Object);
            kinds.Add(finding.Kind);
        }
        Assert.Superset(new HashSet<FindingKind> { FindingKind.Bytes, FindingKind.Metadata, FindingKind.Tar, FindingKind.Pack }, kinds);
    }

    // The time and system in the manifest's gzip header, and the bits that align the last block of a segment or of the manifest to a byte
    // (RFC 1951 section 3.2.4), which is before a checksum and a length of four bytes each there.
    private static bool SaysNothing(PackContents pack, long at)
    {
        var ends = new List<long>();
        foreach (var metadata in pack.Commit.Members.Select(member => member.Entry.Metadata))
        {
            var end = metadata.Offset;
            ends.AddRange(metadata.Segments.Select(segment => end += segment.Length));
        }
        var manifest = (Begin: pack.Footer.ManifestOffset, End: pack.Footer.ManifestOffset + pack.Footer.ManifestLength);
        return (at >= manifest.Begin && at < manifest.Begin + 10) || at == manifest.End - 9 || ends.Any(end => at >= end - 6 && at < end - 4);
    }

    [Fact]
    public async Task Run_FrameTableByteChanged_FindsTheInstance()
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        Assert.Equal([FailureReason.None], await archive.StoreAsync(GoldenInstances.Encapsulated()));
        var key = Assert.Single(await archive.PacksAsync());
        var pack = await PackReader.ReadAsync(archive.Store, key, TenantId.Default, default);
        PackReaderTests.Flip(folder.In("objects", key), pack.Footer.FramesOffset + 9);
        Assert.Equal(FindingKind.Frames, Assert.Single((await VerifyAsync(archive)).Findings).Kind);
    }

    [Fact]
    public async Task Run_PackGone_NamesTheRow()
    {
        using var folder = new TestFolder();
        await using var archive = await FilledAsync(folder);
        var key = (await archive.PacksAsync())[0];
        File.Delete(folder.In("objects", key));
        var finding = Assert.Single((await VerifyAsync(archive)).Findings);
        Assert.Equal((FindingKind.Row, key), (finding.Kind, finding.Object));
    }

    [Fact]
    public async Task Run_PackThatWasNeverCommitted_IsANoteAndNoFinding()
    {
        using var folder = new TestFolder();
        await using var archive = await FilledAsync(folder);
        using var elsewhere = new TestFolder();
        await using var other = await TestArchive.OpenAsync(elsewhere.Path);
        await other.StoreAsync(Instances.Ct("1.2.4", "1.2.4.1", "1.2.4.1.1"));
        var orphan = Assert.Single(await other.PacksAsync());
        var tenant = (await archive.PacksAsync())[0].Split('/')[1];
        var path = folder.In(["objects", .. orphan.Split('/').Select((part, i) => i == 1 ? tenant : part)]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(elsewhere.In("objects", orphan), path);

        var report = await VerifyAsync(archive);

        Assert.Empty(report.Findings);
        Assert.Contains(report.Notes, note => note.Contains(Path.GetFileName(path), StringComparison.Ordinal) && note.Contains("never answered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_SampleOfNearlyNothing_StillChecksHeadersAndRows()
    {
        using var folder = new TestFolder();
        await using var archive = await FilledAsync(folder);
        var report = await VerifyAsync(archive, 1e-12);
        Assert.Equal((0L, 3L, 2L), (report.Instances, report.Rows, report.Packs));
        PackReaderTests.Flip(folder.In("objects", (await archive.PacksAsync())[0]), 3);
        Assert.Equal(FindingKind.Tar, Assert.Single((await VerifyAsync(archive, 1e-12)).Findings).Kind);
    }

    private static async Task<TestArchive> FilledAsync(TestFolder folder)
    {
        var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"), Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.2"),
            Instances.Ct("1.2.3", "1.2.3.2", "1.2.3.2.1"), Instances.Ct("1.2.3", "1.2.3.2", "1.2.3.2.2"));
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        await archive.DeleteAsync("1.2.3", "1.2.3.2", "1.2.3.2.2");
        return archive;
    }

    internal static async Task<VerifyReport> VerifyAsync(TestArchive archive, double share = 1) =>
        await new Verifier(archive.Store, (await archive.Index.StateAsync(default)).TenantKey, share).RunAsync(
            () => new IndexListing(archive.Index.InstancesAsync(default), archive.Index.PacksAsync(default).Select(pack => (pack.Key, pack.Length))), _ => { }, default);
}

using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using VnaCloud.Archive.Tests.Maintenance;

namespace VnaCloud.Archive.Tests;

/// <summary>Packs and data folders of every released format are read for ever (docs/pack-format.md).</summary>
public class GoldenTests
{
    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    [Theory]
    [InlineData("pack-v1")]
    [InlineData("pack-v2")]
    public async Task Pack_OfAReleasedFormat_IsReadAndVerified(string name)
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path, tenantKey: "golden");
        var id = GoldenFiles.PackId(name);
        var key = PackFormat.PackKey("golden", id);
        await using (var upload = await archive.Store.CreateAsync(key, default))
        {
            await upload.AppendAsync(await File.ReadAllBytesAsync(Golden(name + ".tar")), default);
            await upload.CompleteAsync(default);
        }
        var pack = await PackReader.ReadAsync(archive.Store, key, TenantId.Default, default);
        await archive.Index.CommitAsync([pack.Commit], default);

        Assert.Equal(5, pack.Commit.Members.Count);
        Assert.Empty((await VerifierTests.VerifyAsync(archive)).Findings);
        foreach (var (member, file) in pack.Commit.Members.Zip(GoldenInstances.Live()))
        {
            Assert.Equal(file, await BytesAsync(archive, member.Entry));
        }
    }

    [Theory]
    [InlineData("data-v1")]
    [InlineData("data-v2")]
    public async Task DataFolder_OfAReleasedFormat_OpensSearchesRetrievesAndReindexesToTheSame(string name)
    {
        using var folder = new TestFolder();
        Copy(Golden(name), folder.Path);
        var expected = await File.ReadAllTextAsync(Golden(name + ".dump.json"));
        await using (var archive = await TestArchive.OpenAsync(folder.Path))
        {
            Assert.Equal(expected, await GoldenFiles.DescribeAsync(archive));
            Assert.Empty((await VerifierTests.VerifyAsync(archive)).Findings);
            await AssertAllLiveAsync(archive);
        }
        var report = await ReindexerTests.RebuildAsync(folder);
        Assert.Equal((6L, 1L, 0L), (report.Live, report.Deleted, report.DamagedCount));
        await using var rebuilt = await TestArchive.OpenAsync(folder.Path);
        Assert.Equal(expected, await GoldenFiles.DescribeAsync(rebuilt));
    }

    [Theory]
    [InlineData("data-v1")]
    [InlineData("data-v2")]
    public async Task DataFolder_OfAReleasedFormat_IsKeptUpLikeANewOne(string name)
    {
        using var folder = new TestFolder();
        Copy(Golden(name), folder.Path);
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        // An index from before there was upkeep is taken for complete, and its packs are read first.
        Assert.True((await archive.Index.UpkeepAsync(0, default)).IsClean);
        var parts = archive.Parts();
        Assert.Null(await new ArchivePosition(parts).WhyOffAsync(default));
        var scrub = await new Scrubber(parts).RunAsync(ScrubScope.Due, _ => { }, default);
        Assert.Equal(((await archive.Index.StateAsync(default)).Packs, 0L), (scrub.Packs, scrub.FindingCount));
        foreach (var report in new[] { await new Compactor(parts).RunAsync(_ => { }, default), await new Collector(parts).RunAsync(_ => { }, default), await new Reconciler(parts).RunAsync(_ => { }, default) })
        {
            Assert.Equal((null, 0L), (report.Off, report.FindingCount));
        }
        await AssertAllLiveAsync(archive);
        Assert.Empty((await VerifierTests.VerifyAsync(archive)).Findings);
    }

    [Theory]
    [InlineData("data-v1")]
    [InlineData("data-v2")]
    public async Task DataFolder_OfAReleasedFormat_IsExportedAndKnownAgain(string name)
    {
        using var folder = new TestFolder();
        Copy(Golden(name), folder.Path);
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        var exporter = new Exporter(archive.Store, folder.In("export"));
        var at = 0;
        await foreach (var instance in archive.Index.InstancesAsync(default))
        {
            Assert.Equal(ExportOutcome.Written, await exporter.WriteAsync(instance, default));
            Assert.Equal(GoldenInstances.Live()[at++], await File.ReadAllBytesAsync(exporter.PathOf(instance.Key)));
            Assert.Equal(ExportOutcome.Present, await exporter.WriteAsync(instance, default));
            File.AppendAllText(exporter.PathOf(instance.Key), "x");
            Assert.Equal(ExportOutcome.Different, await exporter.WriteAsync(instance, default));
        }
        Assert.Equal(6, at);
    }

    private static async Task AssertAllLiveAsync(TestArchive archive)
    {
        var at = 0;
        await foreach (var instance in archive.Index.InstancesAsync(default))
        {
            Assert.Equal(GoldenInstances.Live()[at++], await BytesAsync(archive, instance));
        }
        Assert.Equal(6, at);
    }

    private static async Task<byte[]> BytesAsync(TestArchive archive, InstanceEntry entry)
    {
        var bytes = new byte[entry.Data.Length];
        await archive.Store.ReadAsync(entry.Data.PackKey, entry.Data.Offset, bytes, default);
        return bytes;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}

/// <summary>Writes the golden files; to be run by hand, once for each format that is released: -explicit only.</summary>
public class GoldenFiles
{
    private static readonly DateTimeOffset Start = new(2026, 3, 14, 9, 15, 0, TimeSpan.Zero);

    /// <summary>The pack's ULID, from the manifest of pack-vN.tar.</summary>
    public static Ulid PackId(string name) => Ulid.TryParse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".id.json")).Trim('"', '\n'), out var id)
        ? id : throw new InvalidDataException($"{name}.id.json holds no ULID.");

    /// <summary>What the folder answers: searches, locators, and the JSON of every instance.</summary>
    internal static async Task<string> DescribeAsync(TestArchive archive)
    {
        var text = new StringBuilder(await archive.DumpAsync());
        await foreach (var instance in archive.Index.InstancesAsync(default))
        {
            using var json = new MemoryStream();
            var writer = PipeWriter.Create(json, new StreamPipeWriterOptions(leaveOpen: true));
            await new MetadataAnswer([instance], "http://golden/dicom-web").WriteIdentityAsync(archive.Store, writer, default);
            await writer.CompleteAsync();
            text.AppendLine(Encoding.UTF8.GetString(json.ToArray()));
        }
        return text.ToString();
    }

    [Fact(Explicit = true)]
    public async Task Write_GoldenFiles_ForThisFormat()
    {
        var golden = Here();
        using var single = new TestFolder();
        await using (var archive = await TestArchive.OpenAsync(single.Path, new RisingTime(Start), "golden"))
        {
            await archive.StoreAsync([.. GoldenInstances.Live().Take(5)]);
            var key = Assert.Single(await archive.PacksAsync());
            File.Copy(single.In("objects", key), Path.Combine(golden, $"pack-v{PackFormat.Version}.tar"), overwrite: true);
            await File.WriteAllTextAsync(Path.Combine(golden, $"pack-v{PackFormat.Version}.id.json"), $"\"{Path.GetFileNameWithoutExtension(key)}\"\n");
        }
        var data = Path.Combine(golden, $"data-v{PackFormat.Version}");
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }
        await using (var archive = await TestArchive.OpenAsync(data, new RisingTime(Start), "golden"))
        {
            await archive.StoreAsync([.. GoldenInstances.Live(), GoldenInstances.Deleted()]);
            await archive.StoreAsync(GoldenInstances.Native()); // a duplicate
            await archive.DeleteAsync("1.2.840.99999.1", "1.2.840.99999.1.1", "1.2.840.99999.1.1.3");
            await File.WriteAllTextAsync(Path.Combine(golden, $"data-v{PackFormat.Version}.dump.json"), await DescribeAsync(archive));
        }
        File.Delete(Path.Combine(data, "index.lock"));
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

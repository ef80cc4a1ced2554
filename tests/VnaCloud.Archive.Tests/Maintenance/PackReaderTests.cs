using VnaCloud.TestKit;

namespace VnaCloud.Archive.Tests.Maintenance;

public class PackReaderTests
{
    [Fact]
    public async Task Read_ManifestLongerThanTheTail_GivesEveryMember()
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync([.. Enumerable.Range(1, 900).Select(static i => Instances.Ct("1.2.3", "1.2.3.1", $"1.2.3.1.{i}", i))]);

        var pack = await PackReader.ReadAsync(archive.Store, Assert.Single(await archive.PacksAsync()), TenantId.Default, default);

        Assert.True(pack.Footer.ManifestLength > 64 * 1024, $"{pack.Footer.ManifestLength}");
        Assert.Equal(900, pack.Commit.Members.Select(static member => member.Entry.Key.SopUid).Distinct().Count());
    }

    private const int FooterAt = -PackFormat.FooterFromEnd;

    [Fact]
    public async Task Read_PackOfOurWriter_GivesWhatWasCommitted()
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"), Instances.Ct("1.2.3", "1.2.3.2", "1.2.3.2.1"));

        var key = Assert.Single(await archive.PacksAsync());
        var pack = await PackReader.ReadAsync(archive.Store, key, TenantId.Default, default);

        Assert.True(pack.Commit.Adopting);
        Assert.Equal(4096, pack.InlineLimit);
        var rows = (await archive.Index.LocateAsync(TenantId.Default, "1.2.3", null, null, default))!.Instances;
        Assert.Equal(rows.Select(row => (row.Key, row.Origin, row.Data, row.FileDigest, row.Frames)),
            pack.Commit.Members.Select(member => (member.Entry.Key, member.Entry.Origin, member.Entry.Data, member.Entry.FileDigest, member.Entry.Frames)));
    }

    [Theory]
    [InlineData(FooterAt, "footer")]
    [InlineData(FooterAt + 20, "footer")]
    [InlineData(FooterAt - PackFormat.Block - 1, null)] // padding behind the manifest
    public async Task Read_FooterByteChanged_IsRefusedByName(int fromEnd, string? named)
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        var key = Assert.Single(await archive.PacksAsync());
        Flip(folder.In("objects", key), fromEnd);

        if (named is null)
        {
            Assert.Single((await PackReader.ReadAsync(archive.Store, key, TenantId.Default, default)).Commit.Members);
            return;
        }
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => PackReader.ReadAsync(archive.Store, key, TenantId.Default, default));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_AnyManifestByteChanged_IsRefusedOrReadsTheSame()
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        var key = Assert.Single(await archive.PacksAsync());
        var good = await PackReader.ReadAsync(archive.Store, key, TenantId.Default, default);
        var refused = 0;
        for (var at = good.Footer.ManifestOffset; at < good.Footer.ManifestOffset + good.Footer.ManifestLength; at++)
        {
            Flip(folder.In("objects", key), at);
            try
            {
                var read = await PackReader.ReadAsync(archive.Store, key, TenantId.Default, default);
                Assert.Equal(good.Commit.Members[0].Entry.FileDigest, read.Commit.Members[0].Entry.FileDigest);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            Flip(folder.In("objects", key), at);
        }
        // All but the few bytes of the gzip header that say nothing.
        Assert.InRange(refused, good.Footer.ManifestLength - 10, good.Footer.ManifestLength);
    }

    [Fact]
    public async Task Read_CutAnywhere_IsRefused()
    {
        using var folder = new TestFolder();
        await using var archive = await TestArchive.OpenAsync(folder.Path);
        await archive.StoreAsync(Instances.Ct("1.2.3", "1.2.3.1", "1.2.3.1.1"));
        var key = Assert.Single(await archive.PacksAsync());
        var bytes = await File.ReadAllBytesAsync(folder.In("objects", key));
        for (var length = 0; length < bytes.Length; length += 131)
        {
            await using var file = File.OpenWrite(folder.In("objects", key));
            file.SetLength(length);
            await Assert.ThrowsAsync<InvalidDataException>(() => PackReader.ReadAsync(archive.Store, key, TenantId.Default, default));
            file.Position = 0;
            await file.WriteAsync(bytes);
        }
    }

    internal static void Flip(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        file.Position = at < 0 ? file.Length + at : at;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 0x10));
    }
}

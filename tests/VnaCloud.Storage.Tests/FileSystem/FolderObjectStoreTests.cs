using System.Runtime.Versioning;
using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests;

/// <summary>The contract on files without a name (O_TMPFILE), and what only a folder has.</summary>
[SupportedOSPlatform("linux")]
public sealed class FolderObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _store;

    public FolderObjectStoreTests() => _store = new FolderObjectStore(_folder.Path, TimeProvider.System, openFiles: 3);

    protected override IObjectStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Upload_Completed_IsAPlainFileWithoutRightsForOthers()
    {
        await PutAsync(Key, "plain");

        var path = Path.Combine(_folder.Path, Key);
        Assert.Equal("plain", await File.ReadAllTextAsync(path, Cancellation));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.GetDirectoryName(path)!) & UnixFileMode.OtherRead);
    }

    [Fact]
    public async Task Link_InPlaceOfAnObject_IsRefused()
    {
        await PutAsync("t/real", "real");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "t/link"), "/etc/passwd");

        await Assert.ThrowsAsync<IOException>(async () => await Store.ReadAsync("t/link", 0, new byte[10], Cancellation));
        Assert.Equal(["t/real"], await ListAsync(""));
    }

    [Fact]
    public async Task Link_InPlaceOfADirectory_IsRefusedForReadingAndWriting()
    {
        using var elsewhere = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(elsewhere.Path, "secret"), "secret", Cancellation);
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "t"), elsewhere.Path);

        await Assert.ThrowsAsync<IOException>(async () => await Store.ReadAsync("t/secret", 0, new byte[10], Cancellation));
        await Assert.ThrowsAsync<IOException>(async () => await Store.DeleteAsync("t/secret", Cancellation));
        await Assert.ThrowsAsync<IOException>(() => PutAsync("t/new", "x"));
        Assert.Empty(await ListAsync(""));
        Assert.Equal([Path.Combine(elsewhere.Path, "secret")], Directory.GetFiles(elsewhere.Path));
    }

    [Fact]
    public async Task Read_OfMoreObjectsThanOpenFiles_StillFindsEach()
    {
        var keys = Enumerable.Range(0, 10).Select(i => $"o/{i}").ToArray();
        foreach (var key in keys)
        {
            await PutAsync(key, key);
        }

        var read = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () => await TextAsync(keys[i % 10]) == keys[i % 10])));

        Assert.All(read, Assert.True);
    }

    [Fact]
    public async Task Directory_RemovedBehindTheStore_IsMadeAgain()
    {
        await PutAsync("t/a/b/one", "1");
        Directory.Delete(Path.Combine(_folder.Path, "t"), recursive: true);

        await PutAsync("t/a/b/two", "2");

        Assert.Equal(["t/a/b/two"], await ListAsync(""));
    }

    [Fact]
    public async Task Abandoned_TemporaryFiles_GoAfterADay()
    {
        await PutAsync("t/object", "stays");
        var (old, young) = (Path.Combine(_folder.Path, "t/.tmp-old"), Path.Combine(_folder.Path, "t/.tmp-young"));
        await File.WriteAllTextAsync(old, "x", Cancellation);
        await File.WriteAllTextAsync(young, "x", Cancellation);
        File.SetLastWriteTimeUtc(old, (TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(25)).UtcDateTime);

        Assert.Equal(1, await _store.RemoveAbandonedAsync(Cancellation));

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
        Assert.Equal(["t/object"], await ListAsync(""));
    }
}

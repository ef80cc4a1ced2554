using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests;

/// <summary>The contract where the file system has no files without a name (NFS, older overlays).</summary>
public sealed class FolderWithNamedTemporariesTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _store;

    public FolderWithNamedTemporariesTests() => _store = new FolderObjectStore(_folder.Path, TimeProvider.System) { AnonymousFiles = false };

    protected override IObjectStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Upload_OverInAnyWay_LeavesNoTemporaryFile()
    {
        await PutAsync("t/a", "stored");
        await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync("t/a", "refused"));
        await using (var upload = await Store.CreateAsync("t/b", Cancellation))
        {
            Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "t"), ".tmp-*"));
        }

        Assert.Equal([Path.Combine(_folder.Path, "t/a")], Directory.GetFiles(Path.Combine(_folder.Path, "t")));
        Assert.False(_store.AnonymousFiles);
    }
}

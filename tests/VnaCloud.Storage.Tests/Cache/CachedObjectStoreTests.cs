using System.Security.Cryptography;
using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests.Cache;

/// <summary>The contract through the cache, and what the cache adds, before a folder.</summary>
public sealed class CachedObjectStoreTests : ObjectStoreContract, IDisposable
{
    private const int Block = CachedBlock.Size;
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _cacheFolder = new();
    private readonly FolderObjectStore _objects;
    private readonly WatchedStore _inner;
    private readonly Clock _clock = new();
    private readonly CachedObjectStore _store;

    public CachedObjectStoreTests()
    {
        _objects = new FolderObjectStore(_folder.Path, TimeProvider.System);
        _inner = new WatchedStore(_objects);
        _store = new CachedObjectStore(_inner, new ReadCacheOptions { Folder = _cacheFolder.Path, MaxBytes = 16 * Block, ReadAhead = 0 }, _clock);
    }

    protected override IObjectStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _objects.Dispose();
        _folder.Dispose();
        _cacheFolder.Dispose();
    }

    [Fact]
    public async Task Read_OfAnyRange_IsTheStoresBytes()
    {
        var bytes = await PutRandomAsync((3 * Block) + 4321);
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var offset = random.Next(bytes.Length + 10);
            var read = new byte[random.Next(1, 2 * Block)];
            var count = await Store.ReadAsync(Key, offset, read, Cancellation);
            Assert.Equal(Math.Clamp(bytes.Length - offset, 0, read.Length), count);
            Assert.True(read.AsSpan(0, count).SequenceEqual(bytes.AsSpan(Math.Min(offset, bytes.Length), count)));
        }

        Assert.Equal(4, _inner.Reads);
    }

    [Fact]
    public async Task Read_ByManyAtOnce_FetchesABlockOnce()
    {
        await PutRandomAsync(Block);
        _inner.Trouble = token => Task.Delay(100, token);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i => await Store.ReadAsync(Key, i * 1000, new byte[1000], Cancellation)));

        Assert.Equal(1, _inner.Reads);
    }

    [Fact]
    public async Task Read_GivenUpByTheFirst_GoesOnForTheSecond()
    {
        var bytes = await PutRandomAsync(1000);
        _inner.Trouble = token => Task.Delay(200, token);
        using var impatient = new CancellationTokenSource(20);
        var first = Store.ReadAsync(Key, 0, new byte[10], impatient.Token).AsTask();
        var read = new byte[1000];
        var second = Store.ReadAsync(Key, 0, read, Cancellation).AsTask();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1000, await second);
        Assert.Equal(bytes, read);
        Assert.Equal(1, _inner.Reads);
    }

    [Fact]
    public async Task Read_InOrder_FindsTheNextBlocksFetched()
    {
        using var store = new CachedObjectStore(_inner, new ReadCacheOptions { Folder = _cacheFolder.Path, MaxBytes = 16 * Block, ReadAhead = 2 }, _clock);
        await PutRandomAsync(8 * Block);

        for (var offset = 0; offset < 8 * Block; offset += 64 * 1024)
        {
            await store.ReadAsync(Key, offset, new byte[64 * 1024], Cancellation);
            // As a client takes its time.
            await Task.Delay(1, Cancellation);
        }

        Assert.InRange(store.Misses, 1, 4);
    }

    [Fact]
    public async Task Read_WithTheStoreAway_IsServedWhileItIsYoung()
    {
        var bytes = await PutRandomAsync(1000);
        await Store.ReadAsync(Key, 0, new byte[1], Cancellation);
        _inner.Trouble = _ => throw new StoreUnavailableException("away");
        var read = new byte[1000];

        Assert.Equal(1000, await Store.ReadAsync(Key, 0, read, Cancellation));
        Assert.Equal(bytes, read);
        _clock.Now += TimeSpan.FromHours(25);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await Store.ReadAsync(Key, 0, read, Cancellation));
    }

    [Fact]
    public async Task Read_OfABlockThatRotted_IsTheStoresBytes()
    {
        var bytes = await PutRandomAsync(200_000);
        await Store.ReadAsync(Key, 0, new byte[1], Cancellation);
        _store.File.Write(0, 100_000, [(byte)~bytes[100_000]]);
        var read = new byte[200_000];

        Assert.Equal(read.Length, await Store.ReadAsync(Key, 0, read, Cancellation));

        Assert.Equal(bytes, read);
        Assert.Equal(1, _store.Damaged);
    }

    [Fact]
    public async Task Cache_PastItsLimit_ForgetsTheLeastRecentlyRead()
    {
        await PutRandomAsync(20 * Block);
        for (var block = 0; block < 20; block++)
        {
            await Store.ReadAsync(Key, 0, new byte[1], Cancellation);
            await Store.ReadAsync(Key, (long)block * Block, new byte[1], Cancellation);
        }

        Assert.Equal(16L * Block, _store.Bytes);
        var reads = _inner.Reads;
        await Store.ReadAsync(Key, 0, new byte[1], Cancellation);
        Assert.Equal(reads, _inner.Reads);
        await Store.ReadAsync(Key, Block, new byte[1], Cancellation);
        Assert.Equal(reads + 1, _inner.Reads);
    }

    [Fact]
    public async Task Cache_OfAStoppedServer_LeavesNoFile()
    {
        await PutRandomAsync(Block);
        await Store.ReadAsync(Key, 0, new byte[1], Cancellation);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_cacheFolder.Path));
    }

    private async Task<byte[]> PutRandomAsync(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        await using var upload = await Store.CreateAsync(Key, Cancellation);
        await upload.AppendAsync(bytes, Cancellation);
        await upload.CompleteAsync(Cancellation);
        return bytes;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

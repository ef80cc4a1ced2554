using System.Diagnostics;
using System.Text;
using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests.Mirror;

/// <summary>The contract through the mirror, and what two folders do for each other.</summary>
public sealed class MirroredObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder _first = new();
    private readonly TemporaryFolder _second = new();
    private readonly FolderObjectStore _firstObjects;
    private readonly FolderObjectStore _secondObjects;
    private readonly WatchedStore _primary;
    private readonly WatchedStore _secondary;
    private readonly List<string> _damaged = [];
    private readonly MirroredObjectStore _store;

    public MirroredObjectStoreTests()
    {
        _firstObjects = new FolderObjectStore(_first.Path, TimeProvider.System);
        _secondObjects = new FolderObjectStore(_second.Path, TimeProvider.System);
        (_primary, _secondary) = (new WatchedStore(_firstObjects), new WatchedStore(_secondObjects));
        _store = new MirroredObjectStore(_primary, _secondary, new MirrorOptions
        {
            Damaged = _damaged.Add,
            ReadPatience = TimeSpan.FromMilliseconds(300),
            Rest = TimeSpan.FromSeconds(1),
        }, TimeProvider.System);
    }

    protected override IObjectStore Store => _store;

    public void Dispose()
    {
        _firstObjects.Dispose();
        _secondObjects.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Copy_OfAnObject_IsOnBothSidesAndTwiceIsOnce()
    {
        await PutAsync(Key, "both");

        Assert.Equal(MirrorOutcome.Copied, await _store.CopyAsync(Key, Cancellation));
        Assert.Equal(MirrorOutcome.Equal, await _store.CopyAsync(Key, Cancellation));
        Assert.Equal("both", await File.ReadAllTextAsync(Path.Combine(_second.Path, Key), Cancellation));
        Assert.Equal(MirrorOutcome.SourceMissing, await _store.CopyAsync("t/none", Cancellation));
    }

    [Fact]
    public async Task Read_WithThePrimaryDead_IsServedAtOnceAndSoonWithoutAsking()
    {
        await PutCopiedAsync("alive");
        _primary.Trouble = _ => throw new StoreUnavailableException("dead");
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("alive", await TextAsync(Key));
        }

        Assert.InRange(_primary.Reads, 1, 5);
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 1);
        Assert.Empty(_damaged);
        Assert.False(_store.IsPrimaryServing);

        _primary.Trouble = null;
        var asked = _primary.Reads;
        await Task.Delay(1200, Cancellation);
        Assert.Equal("alive", await TextAsync(Key));
        Assert.True(_primary.Reads > asked);
    }

    [Fact]
    public async Task Read_WithThePrimaryHanging_WaitsOnlyItsPatience()
    {
        await PutCopiedAsync("patience");
        _primary.Trouble = token => Task.Delay(Timeout.Infinite, token);
        var begun = Stopwatch.GetTimestamp();

        Assert.Equal("patience", await TextAsync(Key));

        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalSeconds, 0.2, 2);
    }

    [Fact]
    public async Task Read_OfAnObjectThatThePrimaryLost_IsServedReportedAndRepaired()
    {
        await PutCopiedAsync("lost and found");
        await _firstObjects.DeleteAsync(Key, Cancellation);

        Assert.Equal("lost and found", await TextAsync(Key));
        Assert.Contains(Key, _damaged);
        Assert.Equal(MirrorOutcome.Copied, await _store.RepairAsync(Key, null, Cancellation));

        _secondary.Trouble = _ => throw new StoreUnavailableException("dead");
        Assert.Equal("lost", await ExactAsync(4));
    }

    [Fact]
    public async Task Read_OfAnObjectCutShort_IsServedReportedAndRepaired()
    {
        await PutCopiedAsync("long enough");
        await _firstObjects.DeleteAsync(Key, Cancellation);
        await PutAsync(Key, "long");

        Assert.Equal("long enough", await ExactAsync(11));
        Assert.Equal([Key], _damaged);
        Assert.Equal(MirrorOutcome.Copied, await _store.RepairAsync(Key, null, Cancellation));
        Assert.Equal(11, await _firstObjects.LengthAsync(Key, Cancellation));
    }

    [Fact]
    public async Task Repair_OfTwoThatDiffer_NeedsAJudge()
    {
        await PutCopiedAsync("good");
        await _firstObjects.DeleteAsync(Key, Cancellation);
        await PutAsync(Key, "evil");

        Assert.Equal(MirrorOutcome.Different, await _store.RepairAsync(Key, null, Cancellation));
        Assert.Equal(MirrorOutcome.Copied, await _store.RepairAsync(Key, IsGoodAsync, Cancellation));
        Assert.Equal("good", await ExactAsync(4));
    }

    [Fact]
    public async Task Write_ThatThePrimaryCannotTake_FailsAndIsNowhere()
    {
        _primary.Trouble = _ => throw new StoreUnavailableException("dead");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => PutAsync(Key, "x"));

        Assert.Null(await _secondObjects.LengthAsync(Key, Cancellation));
    }

    [Fact]
    public async Task Read_OfWhatIsNotCopiedYet_WithThePrimaryDead_IsUnavailableNotMissing()
    {
        await PutAsync(Key, "young");
        _primary.Trouble = _ => throw new StoreUnavailableException("dead");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => TextAsync(Key));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await Store.LengthAsync(Key, Cancellation));
    }

    [Fact]
    public async Task Delete_OnBothSides_StaysDeleted()
    {
        await PutCopiedAsync("gone");

        await Store.DeleteAsync(Key, Cancellation);

        await Assert.ThrowsAsync<ObjectMissingException>(() => TextAsync(Key));
        Assert.Null(await _secondObjects.LengthAsync(Key, Cancellation));
    }

    private async Task PutCopiedAsync(string text)
    {
        await PutAsync(Key, text);
        Assert.Equal(MirrorOutcome.Copied, await _store.CopyAsync(Key, Cancellation));
    }

    private async Task<string> ExactAsync(int length)
    {
        var bytes = new byte[length];
        Assert.Equal(length, await Store.ReadAsync(Key, 0, bytes, Cancellation));
        return Encoding.UTF8.GetString(bytes);
    }

    private static async Task<bool> IsGoodAsync(IObjectStore store, string key, CancellationToken cancellation)
    {
        var bytes = new byte[4];
        return await store.ReadAsync(key, 0, bytes, cancellation) == 4 && bytes.AsSpan().SequenceEqual("good"u8);
    }
}

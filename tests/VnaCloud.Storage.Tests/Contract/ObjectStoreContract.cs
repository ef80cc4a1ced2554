using System.Text;
using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests;

/// <summary>What every object store does; one class for each provider inherits it.</summary>
public abstract class ObjectStoreContract
{
    protected const string Key = "t/k3y/packs/2026/01/02/03/01ARZ3NDEKTSV4RRFFQ69G5FAV.tar";

    protected abstract IObjectStore Store { get; }

    protected CancellationToken Cancellation { get; } = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_Completed_IsReadBack()
    {
        await PutAsync(Key, "one", "two");

        Assert.Equal("onetwo", await TextAsync(Key));
        Assert.Equal(6, await Store.LengthAsync(Key, Cancellation));
    }

    [Fact]
    public async Task Upload_BeforeCompletion_IsNowhereVisible()
    {
        await using var upload = await Store.CreateAsync(Key, Cancellation);
        await upload.AppendAsync(new byte[100_000], Cancellation);

        Assert.Null(await Store.LengthAsync(Key, Cancellation));
        Assert.Empty(await ListAsync(""));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await Store.ReadAsync(Key, 0, new byte[1], Cancellation));
    }

    [Fact]
    public async Task Upload_Disposed_LeavesNothing()
    {
        await using (var upload = await Store.CreateAsync(Key, Cancellation))
        {
            await upload.AppendAsync("gone"u8.ToArray(), Cancellation);
        }

        Assert.Null(await Store.LengthAsync(Key, Cancellation));
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task Upload_PatchedAndCut_HasTheLastWord()
    {
        await using (var upload = await Store.CreateAsync(Key, Cancellation))
        {
            await upload.AppendAsync("head----body, and a bad part"u8.ToArray(), Cancellation);
            await upload.PatchAsync(4, "1234"u8.ToArray(), Cancellation);
            await upload.TruncateAsync(12, Cancellation);
            Assert.Equal(12, upload.Length);
            await upload.AppendAsync("!"u8.ToArray(), Cancellation);
            await upload.CompleteAsync(Cancellation);
        }

        Assert.Equal("head1234body!", await TextAsync(Key));
    }

    [Fact]
    public async Task Upload_ChangeOfSealedBytes_IsRefused()
    {
        await using var upload = await Store.CreateAsync(Key, Cancellation);
        await upload.AppendAsync("final"u8.ToArray(), Cancellation);
        upload.Seal();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await upload.PatchAsync(4, "x"u8.ToArray(), Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await upload.TruncateAsync(4, Cancellation));
    }

    [Fact]
    public async Task Upload_OfATakenKey_IsRefusedAndChangesNothing()
    {
        await PutAsync(Key, "first");

        await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync(Key, "second"));

        Assert.Equal("first", await TextAsync(Key));
        Assert.Equal([Key], await ListAsync(""));
    }

    [Fact]
    public async Task Upload_RaceForOneKey_HasOneWinner()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            try
            {
                await PutAsync(Key, $"{i}");
                return $"{i}";
            }
            catch (ObjectExistsException)
            {
                return null;
            }
        })));

        Assert.Equal(await TextAsync(Key), Assert.Single(outcomes, outcome => outcome is not null));
    }

    [Fact]
    public async Task Upload_ManyAtOnceInOneFolder_AreAllThere()
    {
        var keys = Enumerable.Range(0, 64).Select(i => $"t/k/packs/{i:D3}.tar").ToArray();

        await Task.WhenAll(keys.Select(key => Task.Run(() => PutAsync(key, key))));

        Assert.Equal(keys, await ListAsync("t/k/packs/"));
        Assert.Equal(keys[17], await TextAsync(keys[17]));
    }

    [Fact]
    public async Task Read_InTheMiddleAndPastTheEnd_GivesWhatThereIs()
    {
        await PutAsync(Key, "0123456789");
        var bytes = new byte[4];

        Assert.Equal(4, await Store.ReadAsync(Key, 3, bytes, Cancellation));
        Assert.Equal("3456"u8.ToArray(), bytes);
        Assert.Equal(2, await Store.ReadAsync(Key, 8, bytes, Cancellation));
        Assert.Equal(0, await Store.ReadAsync(Key, 10, bytes, Cancellation));
    }

    [Fact]
    public async Task Delete_OfAReadObject_IsGoneAtOnceAndTwiceIsNothing()
    {
        await PutAsync(Key, "short life");
        Assert.Equal("short life", await TextAsync(Key));

        await Store.DeleteAsync(Key, Cancellation);
        await Store.DeleteAsync(Key, Cancellation);

        Assert.Null(await Store.LengthAsync(Key, Cancellation));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await Store.ReadAsync(Key, 0, new byte[1], Cancellation));
        await PutAsync(Key, "again");
        Assert.Equal("again", await TextAsync(Key));
    }

    [Fact]
    public async Task List_OfAnyPrefix_IsInBytewiseOrderOfWholeKeys()
    {
        string[] keys = ["a-b", "a.b", "a/b", "a/c/d", "a0", "aB", "aa", "b/x"];
        foreach (var key in keys.Reverse())
        {
            await PutAsync(key, "x");
        }

        Assert.Equal(keys, await ListAsync(""));
        Assert.Equal(["a/b", "a/c/d"], await ListAsync("a/"));
        Assert.Equal(["a/c/d"], await ListAsync("a/c"));
        Assert.Equal(keys[..7], await ListAsync("a"));
        Assert.Empty(await ListAsync("c/"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/abs")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a\\..\\b")]
    [InlineData("C:\\x")]
    [InlineData("%2e%2e%2f")]
    [InlineData("a/é")]
    [InlineData("a/b\0c")]
    [InlineData("a/b\nc")]
    [InlineData("a/.tmp-01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    public async Task Key_ThatIsNone_IsRefusedEverywhere(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.CreateAsync(key, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.ReadAsync(key, 0, new byte[1], Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.LengthAsync(key, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.DeleteAsync(key, Cancellation));
    }

    [Fact]
    public async Task Key_TooLong_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.LengthAsync(new string('a', 201), Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.LengthAsync(string.Join('/', Enumerable.Repeat("abcdefgh", 114)), Cancellation));
    }

    protected async Task PutAsync(string key, params string[] pieces)
    {
        await using var upload = await Store.CreateAsync(key, Cancellation);
        foreach (var piece in pieces)
        {
            await upload.AppendAsync(Encoding.UTF8.GetBytes(piece), Cancellation);
        }
        await upload.CompleteAsync(Cancellation);
    }

    protected async Task<string> TextAsync(string key)
    {
        var bytes = new byte[1000];
        return Encoding.UTF8.GetString(bytes, 0, await Store.ReadAsync(key, 0, bytes, Cancellation));
    }

    protected async Task<string[]> ListAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var key in Store.ListAsync(prefix, Cancellation))
        {
            keys.Add(key);
        }
        return [.. keys];
    }
}

using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>The folder alone is the queue.</summary>
public sealed class RebuildTests
{
    [Fact]
    public async Task Queue_AfterARestart_IsTheSame()
    {
        using var spool = new TestSpool();
        for (var i = 1; i <= 25; i++)
        {
            await Arrival.Ct($"1.2.{i % 3}", $"1.2.3.{i}", i).StoreAsync(spool.Spool);
        }
        var before = Take(spool);
        await spool.ReopenAsync();
        Assert.True(spool.Spool.IsLoaded);
        Assert.Equal(before, Take(spool));
        Assert.Equal(25, before.Count);
    }

    [Fact]
    public async Task Files_OfAnInterruptedReceipt_AreRemoved()
    {
        using var spool = new TestSpool();
        await File.WriteAllBytesAsync(Path.Combine(spool.Folder, "incoming", "01J00000000000000000000000.part"), new byte[1000]);
        await spool.ReopenAsync();
        Assert.Empty(spool.Files("incoming"));
        Assert.Equal(0, spool.Unsent);
    }

    [Fact]
    public async Task States_AfterARestart_AreKept()
    {
        using var spool = new TestSpool();
        foreach (var sop in new[] { "1.2.3.1", "1.2.3.2", "1.2.3.3" })
        {
            await Arrival.Ct("1.2.1", sop).StoreAsync(spool.Spool);
        }
        var objects = spool.Queue.TryTake(out _)!.Objects;
        spool.Spool.Confirm(objects[0]);
        spool.Spool.SetAside(objects[1], "The archive refuses it: A900H", 0xA900);
        Assert.Equal(1, spool.Unsent);
        await spool.ReopenAsync();
        Assert.Equal(1, spool.Unsent);
        Assert.Equal("1.2.3.3", spool.Queue.TryTake(out _)!.Objects.Single().SopInstanceUid);
        var entry = Assert.Single(spool.Spool.Quarantine.Latest(10));
        Assert.Equal(("The archive refuses it: A900H", 0xA900, "MODALITY"), (entry.Reason, entry.Code, entry.CallingAe));
        var copies = await spool.Spool.LocalCopiesAsync("1.2.1", default);
        Assert.Equal(["1.2.3.1", "1.2.3.3"], copies.Select(copy => copy.Object.SopInstanceUid));
        Assert.All(copies, copy => Assert.True(File.Exists(copy.Path)));
    }

    [Fact]
    public async Task File_MovedBackFromQuarantine_IsQueuedAgain()
    {
        using var spool = new TestSpool();
        await Arrival.Ct("1.2.1", "1.2.3").StoreAsync(spool.Spool);
        spool.Spool.SetAside(spool.Queue.TryTake(out _)!.Objects[0], "no", 1);
        var file = spool.Files("quarantined").Single(name => name.EndsWith(".dcm", StringComparison.Ordinal));
        File.Move(Path.Combine(spool.Folder, "quarantined", file), Path.Combine(spool.Folder, "queued", file));
        await spool.ReopenAsync();
        Assert.Equal((1, 0), (spool.Unsent, spool.Spool.Quarantine.Count));
    }

    [Fact]
    public async Task File_ThatRotted_IsSetAsideAndShown_AndTheOthersGoOn()
    {
        using var spool = new TestSpool();
        await Arrival.Ct("1.2.1", "1.2.3.1").StoreAsync(spool.Spool);
        await Arrival.Ct("1.2.1", "1.2.3.2").StoreAsync(spool.Spool);
        await File.WriteAllTextAsync(Path.Combine(spool.Folder, "queued", spool.Files("queued")[0]), "rotten");
        await spool.ReopenAsync();
        Assert.Equal((1, 1), (spool.Unsent, spool.Spool.Quarantine.Count));
    }

    [Fact]
    public void Spool_OfAnotherProcess_IsRefused()
    {
        using var spool = new TestSpool();
        Assert.ThrowsAny<IOException>(() => new TestSpool(spool.Folder));
    }

    [Fact]
    public async Task Receipts_RiseThoughTheClockIsSetBack()
    {
        var time = new SetTime();
        using var spool = new TestSpool(time: time);
        var receipts = new List<Receipt>();
        for (var i = 0; i < 50; i++)
        {
            time.Now -= TimeSpan.FromHours(i % 3);
            receipts.Add((await Arrival.Ct("1.2.1", $"1.2.3.{i}").IntoAsync(spool.Spool)).Receipt);
        }
        Assert.Equal(receipts.Order(), receipts);
        time.Now -= TimeSpan.FromDays(30);
        spool.Spool.Dispose();
        using var later = new TestSpool(spool.Folder, time: time);
        Assert.True((await Arrival.Ct("1.2.1", "1.2.3.99").IntoAsync(later.Spool)).Receipt.CompareTo(receipts[^1]) > 0);
    }

    [Fact]
    public async Task Copies_AreGivenUpAfterTheirTime()
    {
        var time = new SetTime();
        using var spool = new TestSpool(time: time);
        await Arrival.Ct("1.2.1", "1.2.3").StoreAsync(spool.Spool);
        spool.Spool.Confirm(spool.Queue.TryTake(out _)!.Objects[0]);
        time.Pass(23 * 3600);
        spool.Spool.Sweep();
        Assert.Single(spool.Files("sent"));
        time.Pass(2 * 3600);
        spool.Spool.Sweep();
        Assert.Empty(spool.Files("sent"));
        Assert.Empty(await spool.Spool.LocalCopiesAsync("1.2.1", default));
    }

    private static List<string> Take(TestSpool spool)
    {
        var taken = new List<string>();
        while (spool.Queue.TryTake(out _) is { } batch)
        {
            taken.AddRange(batch.Objects.Select(spooled => spooled.ToString()));
        }
        return taken;
    }
}

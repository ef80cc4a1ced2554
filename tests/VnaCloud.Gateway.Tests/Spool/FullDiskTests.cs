using System.Diagnostics;
using VnaCloud.Gateway.Spool;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>F43: a full spool refuses what it cannot keep, transiently, and keeps what it said it has (checklist gateway 21, 22, 60).</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Disk_WithoutRoom_RefusesAtAnyWrite_AndKeepsWhatWasAcknowledged()
    {
        using var disk = SmallDisk.Mount("4m");
        var options = new SpoolOptions { Path = disk.Path, MinFreeBytes = 0, LowFreeBytes = 0 };
        using var spool = new TestSpool(disk.Path, options);
        var acknowledged = 0;
        var refused = 0;
        // Sizes that differ, so that the end of the disk is met at the beginning, in the middle and at the end of a file.
        for (var i = 0; i < 200; i++)
        {
            var outcome = await Arrival.Ct("1.2.1", $"1.2.3.{i}", rows: (ushort)(20 + (i * 37 % 400))).IntoAsync(spool.Spool);
            Assert.True(outcome.DimseStatus is 0x0000 or 0xA700, $"{outcome}");
            (acknowledged, refused) = outcome.State == ReceiveState.Stored ? (acknowledged + 1, refused) : (acknowledged, refused + 1);
            Assert.Empty(spool.Files("incoming"));
        }
        output.WriteLine($"{acknowledged} stored, {refused} refused");
        Assert.True(acknowledged > 5 && refused > 50);
        Assert.Equal(acknowledged, spool.Files("queued").Length);
        await spool.ReopenAsync();
        Assert.Equal((acknowledged, 0), (spool.Unsent, spool.Spool.Quarantine.Count));
        // There is room again: what was refused is taken.
        spool.Spool.Confirm(spool.Queue.TryTake(out _)!.Objects[0]);
        File.Delete(Directory.GetFiles(Path.Combine(disk.Path, "sent"))[0]);
        Assert.Equal(ReceiveState.Stored, (await Arrival.Ct("1.2.1", "1.2.9").IntoAsync(spool.Spool)).State);
    }

    [Fact]
    public async Task Watermarks_WarnThenRefuse_AndGiveUpCopiesFirst()
    {
        using var disk = SmallDisk.Mount("16m");
        var options = new SpoolOptions { Path = disk.Path, MinFreeBytes = 4_000_000, LowFreeBytes = 8_000_000 };
        using var spool = new TestSpool(disk.Path, options);
        Assert.Equal(Pressure.None, spool.Spool.Space.Pressure());
        await FillAsync(spool, Pressure.Soft);
        Assert.Null(spool.Spool.NotReady);
        await FillAsync(spool, Pressure.Hard);
        Assert.NotNull(spool.Spool.NotReady);
        var outcome = await Arrival.Ct("1.2.1", "1.2.9").IntoAsync(spool.Spool);
        Assert.Equal((ushort)0xA700, outcome.DimseStatus);
        // What the archive confirmed makes room by itself.
        var batch = spool.Queue.TryTake(out _)!;
        foreach (var spooled in batch.Objects)
        {
            spool.Spool.Confirm(spooled);
        }
        Assert.Equal(ReceiveState.Stored, (await Arrival.Ct("1.2.1", "1.2.9").IntoAsync(spool.Spool)).State);
        Assert.True(spool.Files("sent").Length < batch.Objects.Count);
    }

    [Fact]
    public async Task Spool_PastItsWatermark_IsReadyAgainAsSoonAsObjectsAreConfirmed()
    {
        using var disk = SmallDisk.Mount("16m");
        using var spool = new TestSpool(disk.Path, new SpoolOptions { Path = disk.Path, MinFreeBytes = 4_000_000, LowFreeBytes = 8_000_000 });
        await FillAsync(spool, Pressure.Hard);
        // Nobody may send meanwhile: who only stores gets no association.
        while (spool.Queue.TryTake(out _) is { } batch)
        {
            foreach (var spooled in batch.Objects)
            {
                spool.Spool.Confirm(spooled);
            }
        }
        spool.Spool.Space.LookAgain();
        Assert.Null(spool.Spool.NotReady);
        Assert.NotEmpty(spool.Files("sent"));
    }

    [Fact]
    public async Task Quota_OfWaitingBytes_Refuses_UntilSomeAreConfirmed()
    {
        using var own = new TestSpool();
        own.Spool.Dispose();
        using var spool = new TestSpool(own.Folder, new SpoolOptions { Path = own.Folder, MinFreeBytes = 0, LowFreeBytes = 0, MaxBytes = 1_000_000 });
        await FillAsync(spool, Pressure.Hard);
        Assert.Equal(ReceiveState.OutOfResources, (await Arrival.Ct("1.2.1", "1.2.9").IntoAsync(spool.Spool)).State);
        foreach (var spooled in spool.Queue.TryTake(out _)!.Objects)
        {
            spool.Spool.Confirm(spooled);
        }
        Assert.Equal(ReceiveState.Stored, (await Arrival.Ct("1.2.1", "1.2.9").IntoAsync(spool.Spool)).State);
    }

    private static async Task FillAsync(TestSpool spool, Pressure until)
    {
        for (var i = 0; spool.Spool.Space.Pressure() != until; i++)
        {
            Assert.InRange(i, 0, 200);
            await Arrival.Ct("1.2.1", $"1.2.3.{until:D}.{i}", rows: 350).StoreAsync(spool.Spool);
            spool.Spool.Space.LookAgain();
        }
    }
}

/// <summary>A file system of a few megabytes, in memory.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk Mount(string size)
    {
        var path = Directory.CreateTempSubdirectory("vnacloud-disk-").FullName;
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={size}", "vnacloud-test", path))
        {
            Directory.Delete(path);
            Assert.Skip("A small file system cannot be mounted here; only root can.");
        }
        return new SmallDisk(path);
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

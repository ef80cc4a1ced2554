using System.Globalization;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>A file system of a few megabytes, in memory.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Skips the test where nothing may be mounted.</summary>
    public static async Task<SmallDisk> MountAsync(int bytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small file system.");
        var path = Directory.CreateTempSubdirectory("vnacloud-disk-").FullName;
        var mounted = await Command.RunAsync("mount", "-t", "tmpfs", "-o", Size(bytes), "vnacloud-test", path);
        if (mounted.ExitCode != 0)
        {
            Directory.Delete(path);
            Assert.Skip($"A small file system cannot be mounted here: {mounted.Errors.Trim()}");
        }
        return new SmallDisk(path);
    }

    public async Task GrowAsync(int bytes) => await Command.RequireAsync("mount", "-o", $"remount,{Size(bytes)}", Path);

    /// <summary>Makes a file so long that the disk has this many bytes left, to the page.</summary>
    public void Fill(string file, long leaving)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate);
        var free = new DriveInfo(Path).AvailableFreeSpace;
        var length = stream.Length + free - leaving;
        if (length < stream.Length)
        {
            stream.SetLength(Math.Max(0, length));
            return;
        }
        stream.Seek(0, SeekOrigin.End);
        var block = new byte[4096];
        while (stream.Length < length)
        {
            stream.Write(block, 0, (int)Math.Min(block.Length, length - stream.Length));
            stream.Flush();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static string Size(int bytes) => string.Create(CultureInfo.InvariantCulture, $"size={bytes}");
}

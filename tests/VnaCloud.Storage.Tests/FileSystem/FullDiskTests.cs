using System.Diagnostics;
using VnaCloud.Archive;

namespace VnaCloud.Storage.Tests;

/// <summary>A disk without room, by a small tmpfs; needs the right to mount.</summary>
public sealed class FullDiskTests
{
    private const int NoSpace = 28;

    [Fact]
    public async Task Append_WithoutRoom_NamesIt_AndWhatWasThereStaysReadable()
    {
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.Path), "no right to mount a tmpfs");
        try
        {
            await FillAsync(folder.Path, TestContext.Current.CancellationToken);
        }
        finally
        {
            Run("umount", folder.Path);
        }
    }

    private static async Task FillAsync(string path, CancellationToken cancellation)
    {
        using var store = new FolderObjectStore(path, TimeProvider.System);
        await using (var before = await store.CreateAsync("before", cancellation))
        {
            await before.AppendAsync(new byte[100_000], cancellation);
            await before.CompleteAsync(cancellation);
        }
        await using (var upload = await store.CreateAsync("big", cancellation))
        {
            await upload.AppendAsync(new byte[500_000], cancellation);
            var full = await Assert.ThrowsAsync<IOException>(async () => await upload.AppendAsync(new byte[800_000], cancellation));
            Assert.Equal(NoSpace, full.HResult);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await upload.CompleteAsync(cancellation));
            await upload.TruncateAsync(500_000, cancellation);
            await upload.CompleteAsync(cancellation);
        }
        Assert.Equal(500_000, await store.LengthAsync("big", cancellation));
        Assert.Equal(100_000, await store.LengthAsync("before", cancellation));
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

using System.Diagnostics;
using System.Text.RegularExpressions;
using Match = System.Text.RegularExpressions.Match;

namespace VnaCloud.Storage.Tests;

/// <summary>The order of system calls, and failing ones: each test runs itself again under strace.</summary>
public sealed partial class DurabilityTests
{
    private const string FolderVariable = "VNACLOUD_TEST_TRACED_FOLDER";
    private const string Key = "t/k/object";

    private static string? TracedFolder => Environment.GetEnvironmentVariable(FolderVariable);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Upload_Completed_WasWrittenSyncedLinkedAndItsDirectoriesSynced(bool anonymous)
    {
        if (TracedFolder is { } traced)
        {
            await PutTwoAsync(traced, anonymous);
            return;
        }
        using var folder = new TemporaryFolder();
        var calls = await TraceAsync(folder.Path, nameof(Upload_Completed_WasWrittenSyncedLinkedAndItsDirectoriesSynced), "-e", "trace=pwrite64,fsync,linkat,unlinkat");

        var file = anonymous ? "#N" : ".tmp-N";
        string[] removed = anonymous ? [] : ["unlinkat"];
        // The traced run goes through both rows of data: these are the calls of this row's key.
        string[] wanted = [$"pwrite64 t/k/{file}", $"fsync t/k/{file}", "linkat", .. removed, "fsync t/k", "fsync t", "fsync ", $"pwrite64 t/k/{file}", $"fsync t/k/{file}", "linkat", .. removed, "fsync t/k"];
        Assert.Equal(wanted, calls.SkipWhile(call => !call.EndsWith(file, StringComparison.Ordinal)).Take(wanted.Length));
    }

    [Fact]
    public async Task Upload_WhoseFileCannotBeSynced_FailsAndIsNotVisible()
    {
        if (TracedFolder is { } traced)
        {
            await FailsAsync(traced);
            return;
        }
        using var folder = new TemporaryFolder();
        var calls = await TraceAsync(folder.Path, nameof(Upload_WhoseFileCannotBeSynced_FailsAndIsNotVisible), "-e", "trace=fsync,linkat", "-e", "inject=fsync:error=EIO");

        Assert.Equal(["fsync t/k/#N"], calls);
    }

    [Fact]
    public async Task Upload_WhoseDirectoryCannotBeSynced_FailsAndIsNotVisible()
    {
        if (TracedFolder is { } traced)
        {
            await FailsAsync(traced);
            return;
        }
        using var folder = new TemporaryFolder();
        var calls = await TraceAsync(folder.Path, nameof(Upload_WhoseDirectoryCannotBeSynced_FailsAndIsNotVisible),
            "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "-P", Path.Combine(folder.Path, "t/k"));

        Assert.Equal(["fsync t/k"], calls);
    }

    private static async Task PutTwoAsync(string folder, bool anonymous)
    {
        using var store = new FolderObjectStore(folder, TimeProvider.System);
        store.AnonymousFiles = anonymous;
        foreach (var key in new[] { $"{Key}-{anonymous}-1", $"{Key}-{anonymous}-2" })
        {
            await using var upload = await store.CreateAsync(key, Cancellation);
            await upload.AppendAsync(new byte[1000], Cancellation);
            await upload.CompleteAsync(Cancellation);
        }
    }

    private static async Task FailsAsync(string folder)
    {
        using var store = new FolderObjectStore(folder, TimeProvider.System);
        await using (var upload = await store.CreateAsync(Key, Cancellation))
        {
            await upload.AppendAsync(new byte[1000], Cancellation);
            var failure = await Assert.ThrowsAsync<IOException>(async () => await upload.CompleteAsync(Cancellation));
            Assert.Equal(5, failure.HResult);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await upload.CompleteAsync(Cancellation));
        }
        Assert.Null(await store.LengthAsync(Key, Cancellation));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "t/k")));
    }

    // The calls that touch the folder, in order, as "name path" with the numbers of temporary files made N.
    private static async Task<string[]> TraceAsync(string folder, string method, params string[] options)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed");
        var log = Path.Combine(folder, "..", $"{Path.GetFileName(folder)}.strace");
        var start = new ProcessStartInfo("strace", ["-f", "-y", "-qq", "-o", log, .. options, Environment.ProcessPath!, "-method", $"{typeof(DurabilityTests).FullName}.{method}"])
        {
            RedirectStandardOutput = true,
            Environment = { [FolderVariable] = folder },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, output);
        var lines = await File.ReadAllLinesAsync(log, Cancellation);
        File.Delete(log);
        return [.. lines.Where(line => line.Contains(folder, StringComparison.Ordinal)).Select(line => Call().Match(line)).Where(call => call.Success).Select(call => Name(call, folder))];
    }

    private static string Name(Match call, string folder)
    {
        var name = call.Groups["name"].Value;
        var path = call.Groups["path"].Value;
        return name is "fsync" or "pwrite64" ? $"{name} {Temporary().Replace(path[folder.Length..].TrimStart('/'), "${kind}N")}" : name;
    }

    [GeneratedRegex(@"^\d+ +(?<name>\w+)\((?:\d+|AT_FDCWD)<(?<path>[^>]*?)(?: \(deleted\))?>")]
    private static partial Regex Call();

    [GeneratedRegex(@"(?<kind>#|\.tmp-)\w+$")]
    private static partial Regex Temporary();
}

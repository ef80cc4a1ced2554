using System.Diagnostics;
using System.Text.RegularExpressions;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>What a power failure would need, which kill -9 cannot show: the order of the calls before an object is acknowledged (checklist gateway 21).</summary>
public sealed partial class DurabilityOrderTests
{
    [Fact]
    public async Task Acknowledgement_FollowsFsyncOfFile_Rename_FsyncOfDirectory()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed: the calls cannot be seen.");
        using var spool = new TestSpool();
        spool.Spool.Dispose();
        var trace = Path.Combine(spool.Folder, "trace");
        var calls = await RecordAsync(spool.Folder, trace, acknowledgements: 20);
        var acknowledged = 0;
        for (var i = 0; i < calls.Count; i++)
        {
            if (Acknowledgement().Match(calls[i]) is not { Success: true } said)
            {
                continue;
            }
            acknowledged++;
            var receipt = said.Groups[1].Value;
            var written = calls.FindLastIndex(i, call => WriteOf(receipt).IsMatch(call));
            var synced = calls.FindLastIndex(i, call => FsyncOf($"incoming/{receipt}.part").IsMatch(call));
            var renamed = calls.FindLastIndex(i, call => call.Contains("rename(", StringComparison.Ordinal) && call.Contains($"queued/{receipt}.dcm", StringComparison.Ordinal));
            var listed = calls.FindLastIndex(i, call => FsyncOf("queued").IsMatch(call));
            Assert.True(written >= 0 && written < synced && synced < renamed && renamed < listed && listed < i, $"{receipt}: {written} {synced} {renamed} {listed} {i}");
        }
        Assert.InRange(acknowledged, 15, 10_000);
    }

    private static Regex FsyncOf(string name) => new($@"fsync\(\d+<[^>]*/{Regex.Escape(name)}>");

    private static Regex WriteOf(string receipt) => new($@"pwrite64\(\d+<[^>]*/{receipt}\.part>");

    private static async Task<List<string>> RecordAsync(string folder, string trace, int acknowledgements)
    {
        var start = new ProcessStartInfo("strace") { RedirectStandardOutput = true, RedirectStandardInput = true };
        var program = Path.ChangeExtension(typeof(DurabilityOrderTests).Assembly.Location, null);
        foreach (var argument in (string[])["-f", "-qq", "-y", "-s", "64", "-o", trace, "-e", "trace=pwrite64,fsync,rename,write", program, ReceivingChild.Argument, folder, "1"])
        {
            start.ArgumentList.Add(argument);
        }
        using var child = Process.Start(start)!;
        await child.StandardInput.WriteLineAsync("0");
        for (var i = 0; i < acknowledgements; i++)
        {
            Assert.NotNull(await child.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
        }
        // strace dies with what it traces.
        child.Kill(entireProcessTree: true);
        await child.WaitForExitAsync();
        return [.. await File.ReadAllLinesAsync(trace)];
    }

    [GeneratedRegex(@"write\(\d+<[^>]*>, ""\d+ ([0-9A-Z]{26})\\n")]
    private static partial Regex Acknowledgement();
}

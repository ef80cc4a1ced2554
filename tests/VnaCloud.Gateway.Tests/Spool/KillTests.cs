using System.Diagnostics;
using System.Globalization;
using VnaCloud.Dicom;
using VnaCloud.TestKit;

namespace VnaCloud.Gateway.Tests.Spool;

/// <summary>F42: kill -9 between any two steps of receiving. What was acknowledged is there, whole; nothing half is ever forwarded.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly string[] Calls = ["pwrite64", "fsync", "rename", "write"];

    [Fact]
    public async Task Gateway_KilledAtAnyStep_KeepsWhatItAcknowledged()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self") && File.Exists("/usr/bin/strace"), "strace is not installed: the steps cannot be chosen.");
        using var spool = new TestSpool();
        spool.Spool.Dispose();
        var random = new Random(20260316);
        var acknowledged = new Dictionary<string, int>();
        var next = 0;
        var rounds = TestLength.Of(fast: 4, normal: 12, full: 200);
        for (var round = 0; round < rounds; round++)
        {
            var lines = await KillAsync(spool.Folder, Calls[round % Calls.Length], random.Next(1, 25), next);
            foreach (var line in lines)
            {
                acknowledged.Add(line[1], int.Parse(line[0], CultureInfo.InvariantCulture));
            }
            next += 10_000;
            await spool.ReopenAsync();
            await CheckAsync(spool, acknowledged);
            spool.Spool.Dispose();
        }
        output.WriteLine($"{rounds} kills, {acknowledged.Count} acknowledged, {spool.Files("queued").Length} queued");
        Assert.True(acknowledged.Count > rounds);
    }

    private static async Task<List<string[]>> KillAsync(string folder, string call, int when, int next)
    {
        string[] traced = ["-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=SIGKILL:when={when}"];
        var start = new ProcessStartInfo("strace") { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        var program = Path.ChangeExtension(typeof(KillTests).Assembly.Location, null);
        foreach (var argument in (string[])[.. traced, program, ReceivingChild.Argument, folder, "4"])
        {
            start.ArgumentList.Add(argument);
        }
        using var child = Process.Start(start)!;
        child.ErrorDataReceived += (_, _) => { };
        child.BeginErrorReadLine();
        await child.StandardInput.WriteLineAsync(next.ToString(CultureInfo.InvariantCulture));
        var lines = new List<string[]>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await child.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            // The last may be cut off: not said is not acknowledged.
            if (line.Split(' ') is [_, { Length: 26 }] pair)
            {
                lines.Add(pair);
            }
        }
        await child.WaitForExitAsync(patience.Token);
        return lines;
    }

    private static async Task CheckAsync(TestSpool spool, Dictionary<string, int> acknowledged)
    {
        Assert.Empty(spool.Files("incoming"));
        Assert.Equal(0, spool.Spool.Quarantine.Count);
        var queued = spool.Files("queued").Select(name => Path.GetFileNameWithoutExtension(name)).ToHashSet();
        Assert.Equal(queued.Count, spool.Unsent);
        Assert.Empty(acknowledged.Keys.Except(queued));
        foreach (var receipt in queued)
        {
            var file = await File.ReadAllBytesAsync(Path.Combine(spool.Folder, "queued", $"{receipt}.dcm"));
            var reader = await DicomReader.ReadAsync(new MemorySource(file));
            var number = int.Parse(reader.DataSet.String(DicomTags.InstanceNumber), CultureInfo.InvariantCulture);
            Assert.Equal(ReceivingChild.Object(number).DataSet, file[(int)reader.DataSetOffset..]);
            Assert.True(!acknowledged.TryGetValue(receipt, out var said) || said == number);
        }
    }
}

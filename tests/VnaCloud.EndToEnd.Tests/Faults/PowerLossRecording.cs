using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>A server's whole life under a small storm: what it did to its disk, and when it acknowledged what.</summary>
internal sealed partial class PowerLossRecording
{
    private const int Senders = 6;

    // A megabyte and more: its pack is written in several steps.
    private const ushort LargeSide = 760;

    private readonly List<StormInstance> _sent = [];
    private readonly List<StormInstance> _deleted = [];
    private readonly Dictionary<string, int> _storedAt = [];
    private List<int> _deletedAt = [];

    public IReadOnlyList<DiskStep> History { get; private set; } = [];

    /// <summary>The folder that the steps speak of; it is gone.</summary>
    public string Root { get; private set; } = "";

    /// <summary>Places of the answers that acknowledged something.</summary>
    public IReadOnlyList<int> Acknowledgements { get; private set; } = [];

    /// <summary>Where the trace ends.</summary>
    public int End => History[^1].End + 1;

    public static async Task<PowerLossRecording> RecordAsync(int seed, int requests)
    {
        var recording = new PowerLossRecording();
        var file = Path.GetTempFileName();
        try
        {
            string[] tracer = ["strace", "-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "1200000", "-o", file, "-e", DiskHistory.Traced];
            await using var server = await ServerProcess.StartUnderAsync(tracer, null);
            using var client = new ArchiveClient(server.BaseUrl);
            await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => recording.SendAsync(client, seed, sender, requests))));
            // Not killed: what it does to its disk as it ends is part of its life, too, and no answer is cut off in the trace.
            Assert.Equal(0, await server.StopAsync());
            recording.Read(await LinesAsync(file, $"{server.Pid}"), server.DataFolder);
        }
        finally
        {
            File.Delete(file);
        }
        return recording;
    }

    /// <summary>What a folder may hold when power was lost at a place in the trace.</summary>
    public StormModel At(int cut)
    {
        var model = new StormModel();
        foreach (var instance in _sent)
        {
            var entry = model.Entry(instance, 0);
            if (_storedAt[instance.Sop] < cut)
            {
                entry.Stored(0, 0);
            }
            else
            {
                entry.SentUnanswered(0, 0);
            }
            var deletion = _deleted.IndexOf(instance);
            if (deletion >= 0 && _deletedAt[deletion] < cut)
            {
                entry.Gone(0);
            }
            else if (deletion >= 0)
            {
                entry.DeleteUnanswered(0);
            }
        }
        return model;
    }

    /// <summary>Instances and deletions acknowledged until then.</summary>
    public int AcknowledgedAt(int cut) => Acknowledgements.Count(at => at < cut);

    // Stores; now and then the same again with other bytes, which is refused for good; one sender also deletes.
    private async Task SendAsync(ArchiveClient client, int seed, int sender, int requests)
    {
        var random = new Random(unchecked((seed * 397) + sender));
        for (var request = 0; request < requests; request++)
        {
            var study = $"2.25.{seed}.{request % 3}";
            var batch = Enumerable.Range(0, random.Next(1, 4)).Select(i => new StormInstance(
                study, $"{study}.{sender % 2}", $"2.25.{seed}.9.{sender}.{request}.{i}", sender == 0 && request == 1 ? LargeSide : (ushort)random.Next(4, 48))).ToList();
            lock (_sent)
            {
                _sent.AddRange(batch);
            }
            Assert.Equal(HttpStatusCode.OK, (await client.StowAsync([.. batch.Select(instance => instance.File(0))])).Status);
            if (random.Next(5) == 0)
            {
                Assert.Equal(HttpStatusCode.Conflict, (await client.StowAsync(batch[0].File(1))).Status);
            }
            // One at a time: their answers do not say which is which.
            if (sender == 1 && random.Next(3) == 0)
            {
                _deleted.Add(batch[0]);
                Assert.Equal(HttpStatusCode.NoContent, await client.DeleteAsync(batch[0].Path));
            }
        }
    }

    private void Read(string[] lines, string root)
    {
        (History, Root) = (DiskHistory.Read(TracedCall.Parse(lines), root), root);
        foreach (var answer in History.Where(step => step.Action == DiskAction.Answer))
        {
            var text = Encoding.Latin1.GetString(answer.Data);
            if (text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                foreach (Match sop in StoredSop().Matches(text))
                {
                    _storedAt.TryAdd(sop.Groups[1].Value, answer.Begin);
                }
            }
        }
        _deletedAt = [.. History.Where(step => step.Action == DiskAction.Answer && step.Data.AsSpan().StartsWith("HTTP/1.1 204"u8)).Select(step => step.Begin)];
        Assert.Equal(_sent.Count, _storedAt.Count);
        Assert.Equal(_deleted.Count, _deletedAt.Count);
        Acknowledgements = [.. _storedAt.Values.Concat(_deletedAt).Order()];
    }

    // The tracer outlives the server by a moment.
    private static async Task<string[]> LinesAsync(string file, string pid)
    {
        for (var patience = 0; patience < 200; patience++)
        {
            await Task.Delay(50);
            var lines = await File.ReadAllLinesAsync(file);
            if (lines.Length > 0 && lines[^1].StartsWith(pid, StringComparison.Ordinal) && lines[^1].EndsWith("+++ exited with 0 +++", StringComparison.Ordinal))
            {
                return lines;
            }
        }
        throw new TimeoutException("The trace has no end.");
    }

    [GeneratedRegex("\"00081155\":\\{\"vr\":\"UI\",\"Value\":\\[\"([0-9.]+)\"")]
    private static partial Regex StoredSop();
}

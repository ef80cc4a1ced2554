using System.Diagnostics;
using VnaCloud.EndToEnd.Tests.Crash;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>
/// What was acknowledged survives the loss of every write that no fsync covered (checklist reliability F26). A real loss of power is
/// replayed: an strace of a server says what the disk was told, and from that the folder is put together as a crash may leave it.
/// </summary>
public sealed class PowerLossTests(ITestOutputHelper output)
{
    private const int AtOnce = 2;

    private static readonly int Cuts = TestLength.Of(normal: 20, full: 200);

    // A search that meets a cold server on a busy machine is no finding here.
    private const string Patient = "--Vna:Limits:StatementTimeoutSeconds=60";

    private static readonly double[] Chances = [0, 0, 0.1, 0.5, 0.9];

    [Fact]
    public async Task Archive_AfterALossOfPowerAtAnyMoment_HasWhatItAcknowledgedAndNothingHalf()
    {
        TestLength.SkipInFast("a server starts on each image of the disk.");
        ServerTrace.Require();
        var seed = FaultSeed.Next(output);
        var recording = await PowerLossRecording.RecordAsync(seed, TestLength.Of(normal: 30, full: 60));
        Describe(recording);

        var (acknowledged, recovery, broken, gate) = (0L, TimeSpan.Zero, new List<string>(), new Lock());
        await Parallel.ForAsync(0, Cuts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var random = new Random(unchecked((seed * 397) + number));
            var cut = Cut(recording, random);
            var image = new CrashImage(recording.History, cut, random, Chances[random.Next(Chances.Length)]);
            var (took, finding) = await CheckAsync(recording, image, cut);
            lock (gate)
            {
                broken.AddRange(finding is null ? [] : [$"image {number}, cut at {cut} of {recording.End}: {finding}"]);
                acknowledged += recording.AcknowledgedAt(cut);
                recovery = took > recovery ? took : recovery;
            }
        });
        FaultTable.Add("F26", "loss of every write that no fsync covered, folder + SQLite", Cuts, acknowledged, broken.Count, recovery, $"{seed}");
        Assert.Empty(broken);

        // The guard guards: had one kind of fsync done nothing, something would be missing.
        Assert.Null(await LossAsync(recording, SyncKind.None));
        foreach (var kind in (SyncKind[])[SyncKind.Object, SyncKind.Directory, SyncKind.Log])
        {
            var loss = await LossAsync(recording, kind);
            output.WriteLine($"without fsync of {kind}: {loss}");
            Assert.NotNull(loss);
        }
    }

    // Half of them right behind an acknowledgement, where the promise is youngest.
    private static int Cut(PowerLossRecording recording, Random random) => random.Next(2) == 0
        ? recording.Acknowledgements[random.Next(recording.Acknowledgements.Count)] + 1
        : random.Next(recording.End);

    private static async Task<(TimeSpan Recovery, string? Finding)> CheckAsync(PowerLossRecording recording, CrashImage image, int cut)
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-power-").FullName;
        image.WriteTo(folder, recording.Root);
        var evidence = $"{folder}-before";
        await Command.RequireAsync("cp", "-r", folder, evidence);
        var (began, took) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        try
        {
            await using (var server = await ServerProcess.StartAsync(folder, Patient))
            {
                took = Stopwatch.GetElapsedTime(began);
                using var client = new ArchiveClient(server.BaseUrl);
                await StormCheck.RunAsync(client, recording.At(cut), _ => true);
            }
            await VnaCommand.RequireCleanAsync(folder);
            await SqliteFile.CheckAsync(Path.Combine(folder, "index.db"));
            Directory.Delete(evidence, recursive: true);
            return (took, null);
        }
        catch (Exception failure) when (failure is Xunit.Sdk.XunitException or InvalidOperationException or TimeoutException)
        {
            return (took, $"{failure.Message} (the image is kept in {evidence})");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Power lost behind the last acknowledgement, nothing kept that was not synced; a kind of fsync does nothing from the first acknowledgement on.
    private static async Task<string?> LossAsync(PowerLossRecording recording, SyncKind ignored)
    {
        var folder = Directory.CreateTempSubdirectory("vnacloud-power-").FullName;
        var cut = recording.Acknowledgements[^1] + 1;
        try
        {
            new CrashImage(recording.History, cut, new Random(0), survives: 0, (ignored, recording.Acknowledgements[0])).WriteTo(folder, recording.Root);
            await using var server = await ServerProcess.StartAsync(folder, Patient);
            using var client = new ArchiveClient(server.BaseUrl);
            await StormCheck.RunAsync(client, recording.At(cut), _ => true);
            return null;
        }
        // An index so damaged that the server refuses it is lost, too.
        catch (Exception loss) when (loss is Xunit.Sdk.XunitException or InvalidOperationException or TimeoutException)
        {
            return loss.Message.Split('\n')[0];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Describe(PowerLossRecording recording)
    {
        var counts = recording.History.CountBy(step => step.Action).ToDictionary();
        var checkpoints = recording.History.Count(step => step.Action == DiskAction.SyncFile && step.Path.EndsWith("index.db", StringComparison.Ordinal));
        output.WriteLine($"{counts[DiskAction.Write]} writes, {counts[DiskAction.SyncFile]} + {counts[DiskAction.SyncDirectory]} syncs, "
            + $"{checkpoints} of the database, {recording.Acknowledgements.Count} instances acknowledged");
    }
}

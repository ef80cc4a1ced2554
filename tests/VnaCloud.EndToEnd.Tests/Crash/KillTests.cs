using System.Diagnostics;
using System.Globalization;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>kill -9 of the whole server at any moment of a storm (checklist reliability K0 to K6, F1 to F9, F28).</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string SeedVariable = "VNA_STORM_SEED";

    // A search that meets a cold server on a busy machine is no finding here.
    private const string Patient = "--Vna:Limits:StatementTimeoutSeconds=60";

    private static readonly int Rounds = TestLength.Of(fast: 3, normal: 20, full: 200);

    [Fact]
    public async Task Server_KilledInAStormAgainAndAgain_KeepsWhatItAcknowledgedAndShowsNothingHalf()
    {
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"{SeedVariable}={seed}");
        var model = new StormModel();
        var moments = new Random(seed);
        var (roundsInFlight, inFlight, answered, retrieved, recovery) = (0, 0, 0, 0, TimeSpan.Zero);
        var folder = Directory.CreateTempSubdirectory("vnacloud-storm-").FullName;
        try
        {
            // Each round starts in place, on what the kill before left, and looks at that first.
            for (var round = 1; round <= Rounds; round++)
            {
                var began = Stopwatch.GetTimestamp();
                await using var server = await ServerProcess.StartAsync(folder, Patient);
                recovery = TimeSpan.FromTicks(Math.Max(recovery.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
                using var client = new ArchiveClient(server.BaseUrl);
                retrieved += await StormCheck.RunAsync(client, model, entry => entry.Round == round - 1);
                var storm = new Storm(client, model, seed, round);
                await storm.RunAsync(server, TimeSpan.FromMilliseconds(moments.Next(10, 500)), fromFirstAnswer: round % 5 != 0);
                (inFlight, answered) = (inFlight + storm.InFlight, answered + storm.Answered);
                roundsInFlight += storm.InFlight > 0 ? 1 : 0;
            }
            await using (var server = await ServerProcess.StartAsync(folder, Patient))
            {
                using var client = new ArchiveClient(server.BaseUrl);
                retrieved += await StormCheck.RunAsync(client, model, _ => true);
            }
            // What was lost would have failed the checks above.
            FaultTable.Add("F1-F9", "kill -9 of the server in a storm, SQLite + folder", Rounds, model.Count, 0, recovery, $"{seed}");
            output.WriteLine($"{Rounds} rounds, {roundsInFlight} with STOW in flight ({inFlight} requests), {answered} answered, {model.Count} instances, {retrieved} retrievals");
            Assert.True(roundsInFlight * 10 >= Rounds * 6, $"Only {roundsInFlight} of {Rounds} kills met a request in flight.");
            await SqliteFile.CheckAsync(Path.Combine(folder, "index.db"));
            await VnaCommand.RequireCleanAsync(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

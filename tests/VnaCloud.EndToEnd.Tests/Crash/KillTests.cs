using System.Globalization;
using VnaCloud.TestKit;

namespace VnaCloud.EndToEnd.Tests.Crash;

/// <summary>kill -9 of the whole server at any moment of a storm (checklist reliability K0 to K6, F1 to F9, F28).</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string SeedVariable = "VNA_STORM_SEED";

    private static readonly int Rounds = TestLength.Of(fast: 5, normal: 50, full: 200);

    [Fact]
    public async Task Server_KilledInAStormAgainAndAgain_KeepsWhatItAcknowledgedAndShowsNothingHalf()
    {
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"{SeedVariable}={seed}");
        var model = new StormModel();
        var moments = new Random(seed);
        var (roundsInFlight, inFlight, answered, retrieved) = (0, 0, 0, 0);
        var folder = Directory.CreateTempSubdirectory("vnacloud-storm-").FullName;
        try
        {
            for (var round = 1; round <= Rounds; round++)
            {
                var storm = await StormAsync(folder, model, seed, round, TimeSpan.FromMilliseconds(moments.Next(50, 600)));
                (inFlight, answered) = (inFlight + storm.InFlight, answered + storm.Answered);
                roundsInFlight += storm.InFlight > 0 ? 1 : 0;
                retrieved += await CheckAsync(folder, model, StudiesOf(model, round));
            }
            retrieved += await CheckAsync(folder, model, [.. model.Entries.Select(entry => entry.Instance.Study).Distinct()]);
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

    private static async Task<Storm> StormAsync(string folder, StormModel model, int seed, int round, TimeSpan duration)
    {
        await using var server = await ServerProcess.StartAsync(folder);
        using var client = new ArchiveClient(server.BaseUrl);
        var storm = new Storm(client, model, seed, round);
        await storm.RunAsync(server, duration);
        return storm;
    }

    // In place, on what the kill left; and killed again in the end, so that the next round starts from no better.
    private static async Task<int> CheckAsync(string folder, StormModel model, IReadOnlyList<string> studies)
    {
        await using var server = await ServerProcess.StartAsync(folder);
        using var client = new ArchiveClient(server.BaseUrl);
        return await StormCheck.RunAsync(client, model, studies);
    }

    private static string[] StudiesOf(StormModel model, int round) =>
        [.. model.Entries.Where(entry => entry.Round == round).Select(entry => entry.Instance.Study).Distinct()];
}

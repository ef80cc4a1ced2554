using System.Diagnostics;

namespace VnaCloud.Index.Tests.Postgres;

/// <summary>A young database is analyzed before autovacuum would.</summary>
public sealed class EarlyStatisticsTests
{
    public EarlyStatisticsTests() => PostgresHarness.SkipInFast();

    [Fact]
    public async Task Commits_OfTheFirstStudies_AreFollowedByStatistics()
    {
        await using var harness = await PostgresHarness.OpenAsync();
        var begun = (await harness.RowsAsync("SELECT clock_timestamp()"))[0];
        var analyzed = $"SELECT relname FROM pg_stat_user_tables WHERE relname IN ('study', 'series') AND last_analyze > '{begun}' ORDER BY relname";

        await StoreAsync(harness, 1, 7);
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        var before = await harness.RowsAsync(analyzed);
        await StoreAsync(harness, 8, 9);

        Assert.Empty(before);
        var waited = Stopwatch.StartNew();
        while ((await harness.RowsAsync(analyzed)).Count < 2)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), "Nothing was analyzed.");
            await Task.Delay(100);
        }
    }

    private static async Task StoreAsync(PostgresHarness harness, int from, int to)
    {
        for (var study = from; study <= to; study++)
        {
            Assert.Null((await harness.StoreAsync(Sample.Member(Sample.Key(study)))).Refused);
        }
    }
}

using System.Diagnostics;
using VnaCloud.Gateway.Forwarding;
using VnaCloud.Gateway.Tests.Spool;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>How much of the line may be used, and when.</summary>
public sealed class BandwidthTests
{
    [Theory]
    [InlineData("2026-03-16T06:59:59", 0)]
    [InlineData("2026-03-16T07:00:00", 20)]
    [InlineData("2026-03-16T17:59:59", 20)]
    [InlineData("2026-03-16T18:00:00", 0)]
    [InlineData("2026-03-15T12:00:00", 5)]
    [InlineData("2026-03-14T23:00:00", 0)]
    [InlineData("2026-03-20T23:30:00", 8)]
    [InlineData("2026-03-21T01:30:00", 8)]
    [InlineData("2026-03-22T01:30:00", 0)]
    public void Schedule_SaysTheLimitOfTheHour(string local, double megabits)
    {
        var time = new SetTime { Now = DateTimeOffset.Parse(local + "Z", null) };
        var bandwidth = new Bandwidth(new BandwidthOptions { Schedule = ["Mon-Fri 07:00-18:00 20", "Sun 10:00-14:00 5", "Fri 23:00-02:00 8"] }, time);
        Assert.Equal(megabits * 1_000_000 / 8, bandwidth.BytesPerSecond());
    }

    [Theory]
    [InlineData("")]
    [InlineData("20")]
    [InlineData("07:00 20")]
    [InlineData("07:00-25:00 20")]
    [InlineData("Mon-Fri 07:00-18:00 -20")]
    [InlineData("Lundi 07:00-18:00 20")]
    public void Schedule_ThatCannotBeRead_IsNone(string text) => Assert.False(BandwidthHours.TryParse(text, out _));

    [Fact]
    public async Task Senders_TogetherKeepToTheLimit()
    {
        // 8 Mbit/s are 1 MB/s: half a second's worth by four senders.
        var bandwidth = new Bandwidth(new BandwidthOptions { MegabitsPerSecond = 8 }, TimeProvider.System);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var left = 187_500; left > 0;)
            {
                var piece = bandwidth.Piece(left);
                Assert.InRange(piece, 1, 62_500);
                await bandwidth.WaitAsync(piece, CancellationToken.None);
                left -= piece;
            }
        }));
        // A quarter of a second's worth may go at once.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.45, 20);
    }
}

using System.Diagnostics;

namespace VnaCloud.Gateway.Tests.Forwarding;

/// <summary>Time that passes faster than it does: pauses of minutes take seconds.</summary>
internal sealed class RushedTime(double speed) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _began = Stopwatch.GetTimestamp();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new RushedTimer(System.CreateTimer(callback, state, Scaled(dueTime), Scaled(period)), this);

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_began) * speed;

    private TimeSpan Scaled(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / speed;

    private sealed class RushedTimer(ITimer timer, RushedTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Scaled(dueTime), time.Scaled(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

namespace VnaCloud.Dimse.Tests;

/// <summary>A clock that a test moves.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private long _now = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        Interlocked.Add(ref _now, by.Ticks);
        while (true)
        {
            ManualTimer? due;
            lock (_gate)
            {
                due = _timers.Find(timer => timer.Due <= GetTimestamp());
                due?.Due = long.MaxValue;
            }
            if (due is null)
            {
                return;
            }
            due.Fire();
        }
    }

    private sealed class ManualTimer : ITimer
    {
        private readonly ManualTime _time;

        public ManualTimer(ManualTime time, Action fire)
        {
            (_time, Fire) = (time, fire);
            lock (time._gate)
            {
                time._timers.Add(this);
            }
        }

        public Action Fire { get; }

        public long Due { get; set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_time._gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : _time.GetTimestamp() + dueTime.Ticks;
            }
            return true;
        }

        public void Dispose()
        {
            lock (_time._gate)
            {
                _time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}

namespace VnaCloud.Dimse;

/// <summary>What a <see cref="Watch"/> waits for.</summary>
internal enum WatchSlot
{
    Artim,
    Read,
    Write,
}

/// <summary>
/// The time limits of one association on one timer. Arming costs a look at the clock: the timer is set anew only when a limit comes before
/// the one it waits for, so that reads and writes can arm it thousands of times a second.
/// </summary>
internal sealed class Watch : IDisposable
{
    private const long Off = long.MaxValue;
    private readonly TimeProvider _time;
    private readonly Action<WatchSlot> _expired;
    private readonly long[] _due = [Off, Off, Off];
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private long _scheduled = Off;

    public Watch(TimeProvider time, Action<WatchSlot> expired)
    {
        (_time, _expired) = (time, expired);
        _timer = time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Arm(WatchSlot slot, TimeSpan after)
    {
        var due = _time.GetTimestamp() + (long)(after.TotalSeconds * _time.TimestampFrequency);
        Volatile.Write(ref _due[(int)slot], due);
        if (due < Volatile.Read(ref _scheduled))
        {
            Schedule();
        }
    }

    public void Disarm(WatchSlot slot) => Volatile.Write(ref _due[(int)slot], Off);

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        var now = _time.GetTimestamp();
        for (var slot = WatchSlot.Artim; slot <= WatchSlot.Write; slot++)
        {
            var due = Volatile.Read(ref _due[(int)slot]);
            if (due <= now && Interlocked.CompareExchange(ref _due[(int)slot], Off, due) == due)
            {
                _expired(slot);
            }
        }
        Volatile.Write(ref _scheduled, Off);
        Schedule();
    }

    private void Schedule()
    {
        lock (_gate)
        {
            var next = Math.Min(Volatile.Read(ref _due[0]), Math.Min(Volatile.Read(ref _due[1]), Volatile.Read(ref _due[2])));
            if (next >= _scheduled)
            {
                return;
            }
            _scheduled = next;
            var ticks = (next - _time.GetTimestamp()) * TimeSpan.TicksPerSecond / _time.TimestampFrequency;
            // One millisecond more: the timer's grain must not make it fire just before the limit.
            _timer.Change(TimeSpan.FromTicks(Math.Max(0, ticks)) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }
}

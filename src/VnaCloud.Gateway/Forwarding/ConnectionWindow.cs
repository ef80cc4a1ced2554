namespace VnaCloud.Gateway.Forwarding;

/// <summary>
/// How many requests go at once: more while more brings more, fewer when it does not or the archive asks for less. A long, lossy line wants many,
/// a short one is full with few.
/// </summary>
internal sealed class ConnectionWindow(int min, int first, int max, TimeProvider time)
{
    /// <summary>How long one number is tried.</summary>
    public static readonly TimeSpan Trial = TimeSpan.FromSeconds(2);

    // Better or worse by less is noise.
    private const double Gain = 1.05, Loss = 0.8;

    // A half more connections have to bring an eighth more.
    private const double Worth = 0.25;
    private const int ProbeEvery = 8;

    private readonly Lock _gate = new();
    private long _started = time.GetTimestamp();
    private long _bytes;
    private bool _wasFull;
    private double _best;
    private bool _grows = true;
    private int _quiet;
    private int? _raisedFrom;

    public int Limit { get; private set; } = Math.Min(Math.Max(min, first), max);

    /// <summary>Bytes per second of the last trial.</summary>
    public double Rate { get; private set; }

    /// <summary>Bytes that one connection carries while one number is tried, by what is known of the line: long enough beside the wait for its answer.</summary>
    public long Portion => (long)(Rate / Limit * Trial.TotalSeconds);

    public void Moved(int bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>There is more to send than may go.</summary>
    public void Full() => _wasFull = true;

    /// <summary>The archive or the line asks for less.</summary>
    public void Halve()
    {
        lock (_gate)
        {
            Limit = Math.Max(Math.Min(min, max), Limit / 2);
            (_best, _grows, _raisedFrom) = (0, false, null);
        }
    }

    /// <summary>Ends a trial when its time is over.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var elapsed = time.GetElapsedTime(_started);
            if (elapsed < Trial)
            {
                return;
            }
            Rate = Interlocked.Exchange(ref _bytes, 0) / elapsed.TotalSeconds;
            _started = time.GetTimestamp();
            if (_wasFull)
            {
                Judge();
            }
            _wasFull = false;
        }
    }

    private void Judge()
    {
        if (_raisedFrom is { } before)
        {
            _raisedFrom = null;
            if (Rate > _best * Math.Max(Gain, 1 + Worth * (Limit - before) / before))
            {
                _best = Rate;
                Raise();
                return;
            }
            // More brought too little: on a full line they only take from each other, and a study waits for the slowest of them.
            (Limit, _grows, _quiet) = (before, false, 0);
        }
        else if (Rate > _best * Gain)
        {
            // It gets faster by itself, as new connections do.
            _best = Rate;
        }
        else if (Rate < _best * Loss)
        {
            Limit = Math.Max(Math.Min(min, max), Limit - Math.Max(1, Limit / 8));
            // What the line could once it may not any more.
            _best *= 0.9;
        }
        else if (_grows || ++_quiet % ProbeEvery == 0)
        {
            Raise();
        }
    }

    // In large steps at first, later in small ones.
    private void Raise()
    {
        _raisedFrom = Limit;
        Limit = Math.Min(max, Limit + Math.Max(1, Limit / (_grows ? 2 : 8)));
    }
}

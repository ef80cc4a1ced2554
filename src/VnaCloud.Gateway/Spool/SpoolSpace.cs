namespace VnaCloud.Gateway.Spool;

/// <summary>Counts what waits and looks at the disk, against the watermarks.</summary>
internal sealed class SpoolSpace(SpoolFolders folders, SpoolOptions options, TimeProvider time)
{
    private const int SoftPercent = 80;

    // The disk is asked no more often than this, or than for so many bytes.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private const long LookEveryBytes = 64L * 1024 * 1024;

    private readonly Lock _gate = new();
    private long _unsent;
    private long _looked = long.MinValue;
    private long _since;
    private long _free;

    /// <summary>Bytes of objects that are not confirmed.</summary>
    public long UnsentBytes => Interlocked.Read(ref _unsent);

    public void Add(long bytes)
    {
        Interlocked.Add(ref _unsent, bytes);
        Interlocked.Add(ref _since, bytes);
    }

    public void Remove(long bytes) => Interlocked.Add(ref _unsent, -bytes);

    public Pressure Pressure()
    {
        var (free, unsent) = (FreeBytes(), UnsentBytes);
        if (free < options.MinFreeBytes || (options.MaxBytes > 0 && unsent >= options.MaxBytes))
        {
            return Spool.Pressure.Hard;
        }
        return free < options.LowFreeBytes || (options.MaxBytes > 0 && unsent >= options.MaxBytes / 100 * SoftPercent) ? Spool.Pressure.Soft : Spool.Pressure.None;
    }

    /// <summary>Bytes that the disk has, as of a moment ago.</summary>
    public long FreeBytes()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_looked == long.MinValue || time.GetElapsedTime(_looked, now) > LookEvery || Interlocked.Read(ref _since) > LookEveryBytes)
            {
                (_free, _looked) = (folders.Space().Free, now);
                Interlocked.Exchange(ref _since, 0);
            }
            return _free;
        }
    }

    /// <summary>The disk said that it is full, or files were removed: what was seen does not hold any more.</summary>
    public void LookAgain()
    {
        lock (_gate)
        {
            _looked = long.MinValue;
        }
    }
}

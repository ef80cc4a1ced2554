namespace VnaCloud.Storage;

/// <summary>
/// Retries that may still be made: each request earns one, a few are there to begin with. A store that fails every second request gets
/// every one repeated; one that fails them all gets at most about twice the requests it would get without retries, not eight times.
/// </summary>
internal sealed class RetryBudget
{
    /// <summary>Retries saved up at most, and there at the start.</summary>
    public const int Most = 50;

    private int _left = Most;

    /// <summary>A request is made.</summary>
    public void Earn()
    {
        if (Volatile.Read(ref _left) < Most)
        {
            Interlocked.Increment(ref _left);
        }
    }

    /// <summary>Takes one retry; false when there is none.</summary>
    public bool TrySpend()
    {
        if (Interlocked.Decrement(ref _left) >= 0)
        {
            return true;
        }
        Interlocked.Increment(ref _left);
        return false;
    }
}

using VnaCloud.DicomWeb;

namespace VnaCloud.Gateway.Forwarding;

/// <summary>
/// Leaves a destination alone that cannot be reached, and asks with one request whether it is back: hundreds of them would keep it down, and cost
/// the line that others need.
/// </summary>
internal sealed class CircuitBreaker(RetryPolicy pauses, TimeProvider time)
{
    // So many batches in a row that the archive fails with, none taken in between, are its own failure.
    private const int Stumbles = 5;

    private readonly Lock _gate = new();
    private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;
    private bool _open = true;
    private bool _probing;
    private int _failures;
    private int _stumbles;
    private int _generation;

    /// <summary>Why requests wait; null while they go.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether a request may go now: a ticket to give back with its outcome. If not, how long nothing will change by itself.</summary>
    public int? TryEnter(out TimeSpan wait)
    {
        lock (_gate)
        {
            wait = TimeSpan.Zero;
            if (_open)
            {
                return _generation;
            }
            wait = _closedUntil - time.GetUtcNow();
            if (_probing || wait > TimeSpan.Zero)
            {
                wait = _probing ? Timeout.InfiniteTimeSpan : wait;
                return null;
            }
            _probing = true;
            return _generation;
        }
    }

    /// <summary>There was nothing to send after all.</summary>
    public void Leave(int ticket)
    {
        lock (_gate)
        {
            _probing &= ticket != _generation;
        }
    }

    /// <summary>The destination took something, or refused it by its own judgement.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            (_open, _probing, _failures, _stumbles, Reason) = (true, false, 0, 0, null);
        }
    }

    /// <summary>The destination cannot be reached or wants to be left alone. False when that was known already.</summary>
    public bool Failed(int ticket, string reason, TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            // Many fail at once when a line breaks; that is one failure.
            if (ticket != _generation)
            {
                return false;
            }
            Close(reason, retryAfter);
            return true;
        }
    }

    /// <summary>The destination failed with this request; another may go better.</summary>
    public void Stumbled(int ticket, string reason)
    {
        lock (_gate)
        {
            if (ticket == _generation && (++_stumbles >= Stumbles || !_open))
            {
                Close(reason, null);
            }
        }
    }

    private void Close(string reason, TimeSpan? retryAfter)
    {
        _generation++;
        _failures++;
        (_open, _probing, _stumbles, Reason) = (false, false, 0, reason);
        _closedUntil = time.GetUtcNow() + pauses.Pause(_failures, retryAfter);
    }
}

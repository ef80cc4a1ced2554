namespace VnaCloud.DicomWeb;

/// <summary>Ends a request in which nothing moves any more. A long transfer is not a slow one.</summary>
internal sealed class Silence : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;
    private readonly TimeSpan _patience;

    public Silence(TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        _patience = patience;
        _limit = new CancellationTokenSource(patience, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, cancellation);
    }

    public CancellationToken Token => _either.Token;

    public bool IsOver => _limit.IsCancellationRequested;

    /// <summary>A byte moved.</summary>
    public void Break() => _limit.CancelAfter(_patience);

    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}

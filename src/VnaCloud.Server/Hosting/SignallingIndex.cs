using VnaCloud.Archive;

namespace VnaCloud.Server.Hosting;

/// <summary>Wakes whoever waits for the next commit of this process.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = New();

    /// <summary>Ends with the next commit.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Pulse() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The index, which says when something was committed through it.</summary>
internal sealed class SignallingIndex(IArchiveIndex inner, ChangeSignal signal) : IArchiveIndex
{
    public async Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation)
    {
        var results = await inner.CommitAsync(packs, cancellation);
        signal.Pulse();
        return results;
    }

    public async Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation)
    {
        var count = await inner.DecideAsync(request, cancellation);
        signal.Pulse();
        return count;
    }

    public Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation) =>
        inner.LocateAsync(tenant, studyUid, seriesUid, sopUid, cancellation);

    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation) => inner.SearchAsync(request, cancellation);

    public Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation) =>
        inner.OutboxAsync(tenant, written, limit, cancellation);

    public Task<IndexState> StateAsync(CancellationToken cancellation) => inner.StateAsync(cancellation);
}

using VnaCloud.Archive;

namespace VnaCloud.Server.Hosting;

/// <summary>
/// An index on another machine, which may be down: what it said in the last minutes of where instances are is still good for reading, since
/// stored bytes never change. Such a view is marked, and its answers carry a Warning. Nothing else is answered without the index.
/// </summary>
internal sealed class OutageIndex(IArchiveIndex inner, TimeProvider time) : IArchiveIndex
{
    /// <summary>A view is given out for so long after the index said it.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    /// <summary>An index that takes longer is taken for one that does not answer, where there is a view to give instead.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // About 8 MB.
    private readonly RecentViews _recent = new(maxInstances: 10_000);

    public async Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation)
    {
        var since = time.GetUtcNow() - MaxAge;
        if (!_recent.Has(tenant, studyUid, seriesUid, sopUid, since))
        {
            return Keep(tenant, studyUid, seriesUid, sopUid, await inner.LocateAsync(tenant, studyUid, seriesUid, sopUid, cancellation));
        }
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return Keep(tenant, studyUid, seriesUid, sopUid, await inner.LocateAsync(tenant, studyUid, seriesUid, sopUid, either.Token));
        }
        catch (Exception down) when (down is IndexUnavailableException || (down is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return _recent.Find(tenant, studyUid, seriesUid, sopUid, since) is { } view ? view with { IsUnconfirmed = true }
                : throw new IndexUnavailableException("The index does not answer.", Patience, down);
        }
    }

    public async Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation)
    {
        // Before and after: whoever reads meanwhile may have put it back.
        _recent.Forget(request.Tenant, request.StudyUid);
        var count = await inner.DecideAsync(request, cancellation);
        _recent.Forget(request.Tenant, request.StudyUid);
        return count;
    }

    public Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation) => inner.CommitAsync(packs, cancellation);

    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation) => inner.SearchAsync(request, cancellation);

    public Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation) =>
        inner.OutboxAsync(tenant, written, limit, cancellation);

    public Task<IndexState> StateAsync(CancellationToken cancellation) => inner.StateAsync(cancellation);

    private StudyView? Keep(TenantId tenant, string study, string? series, string? sop, StudyView? view)
    {
        _recent.Keep(tenant, study, series, sop, view, time.GetUtcNow());
        return view;
    }
}

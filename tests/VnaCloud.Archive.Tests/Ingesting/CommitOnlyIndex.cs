namespace VnaCloud.Archive.Tests.Ingesting;

/// <summary>An index that commits are made to, and that is asked for nothing else. It stores all that it gets.</summary>
internal class CommitOnlyIndex : IArchiveIndex
{
    public virtual Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<PackResult>>(
        [.. packs.Select(static pack => new PackResult([.. pack.Members.Select(static _ => MemberOutcome.Stored)], new HashSet<int>()))]);

    public Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IndexState> StateAsync(CancellationToken cancellation) => throw new NotSupportedException();
}

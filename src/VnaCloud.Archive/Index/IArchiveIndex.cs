namespace VnaCloud.Archive;

/// <summary>
/// The index port: a rebuildable view of the object store. Every provider passes the same contract tests
/// (tests/VnaCloud.Index.Tests/Contract). Text columns compare bytewise.
/// </summary>
public interface IArchiveIndex
{
    /// <summary>
    /// One transaction that makes the members of durable packs visible, all or nothing; the only commit point of ingest. Also writes
    /// change rows, ingest_batch, and an outbox row for every member that did not become visible.
    /// </summary>
    /// <remarks>
    /// Where one pack makes the transaction fail the others are committed without it. A batch id that was committed before gives the
    /// same answer again. The result has one entry for each pack, in order.
    /// </remarks>
    Task<IReadOnlyList<PackResult>> CommitAsync(IReadOnlyList<PackCommit> packs, CancellationToken cancellation);

    /// <summary>Deletes or restores, in one transaction with its outbox and change rows. Gives the number of instances concerned; 0 when there is none.</summary>
    Task<int> DecideAsync(DecisionRequest request, CancellationToken cancellation);

    /// <summary>The locators of a study, of one of its series, or of one instance; null when there is none.</summary>
    Task<StudyView?> LocateAsync(TenantId tenant, string studyUid, string? seriesUid, string? sopUid, CancellationToken cancellation);

    /// <summary>Finds studies, series or instances.</summary>
    Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellation);

    /// <summary>
    /// Decisions of a tenant whose journal object is not durable yet, in order of id, at most <paramref name="limit"/>;
    /// first marks <paramref name="written"/> (from an earlier call) as durable.
    /// </summary>
    Task<IReadOnlyList<Decision>> OutboxAsync(TenantId tenant, IReadOnlyList<Ulid> written, int limit, CancellationToken cancellation);

    /// <summary>Identity, counts and packs: what start-up checks, verification and the page's footer need.</summary>
    Task<IndexState> StateAsync(CancellationToken cancellation);
}

/// <summary>What the index says of itself.</summary>
/// <param name="ArchiveId">The same in the object store's archive.json and in the index; on mismatch the server is not ready.</param>
/// <param name="TenantKey">Random key of the default tenant, the first part of its object keys.</param>
/// <param name="Studies">Live studies.</param>
/// <param name="Series">Live series.</param>
/// <param name="Instances">Live instances.</param>
/// <param name="Packs">Committed packs.</param>
public sealed record IndexState(string ArchiveId, string TenantKey, long Studies, long Series, long Instances, long Packs)
{
    /// <summary>A rebuild has begun and is not finished: what the index says is not all that is stored, so nothing is served from it.</summary>
    public bool IsRebuilding { get; init; }
}

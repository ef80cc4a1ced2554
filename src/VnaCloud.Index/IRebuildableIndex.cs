using VnaCloud.Archive;

namespace VnaCloud.Index;

/// <summary>A pack that the index refers to.</summary>
/// <param name="Tenant">Its tenant.</param>
/// <param name="StudyUid">The study whose instances it holds.</param>
/// <param name="Pack">Its ULID.</param>
/// <param name="Key">Object key.</param>
/// <param name="Length">Bytes.</param>
public sealed record PackRow(TenantId Tenant, string StudyUid, Ulid Pack, string Key, long Length);

/// <summary>Beside the port: what rebuilding and verifying need of either index.</summary>
public interface IRebuildableIndex : IArchiveIndex, IUpkeepIndex, IStatisticsIndex, IAsyncDisposable
{
    /// <summary>What no rebuild brings back: access records, share links and keys.</summary>
    AccessStore Access { get; }

    /// <summary>
    /// Reindex: puts members of a pack that the journal says are deleted where a restore finds them, as of the decision's time.
    /// <c>Ordinal</c> is the index in <see cref="PackCommit.Members"/>. An arrival that is there already stays as it is.
    /// </summary>
    Task AdoptDeletedAsync(PackCommit pack, IReadOnlyList<(int Ordinal, Decision Decision)> deleted, CancellationToken cancellation);

    /// <summary>
    /// Reindex: readers of the change feed start anew, and decisions made from now on have larger ids than
    /// <paramref name="lastDecision"/>, the last one of the journal.
    /// </summary>
    Task BeginEpochAsync(Ulid lastDecision, CancellationToken cancellation);

    /// <summary>Every pack, by tenant, study and number; no statement is open between two pages.</summary>
    IAsyncEnumerable<PackRow> PacksAsync(CancellationToken cancellation);

    /// <summary>Every live instance of the default tenant, by study, series and SOP Instance UID.</summary>
    IAsyncEnumerable<InstanceEntry> InstancesAsync(CancellationToken cancellation);
}

namespace VnaCloud.Archive;

/// <summary>
/// The index as upkeep and the change feed need it. Implemented by whoever implements <see cref="IArchiveIndex"/>; every provider passes
/// the same contract tests. "Now" is always the index's own clock.
/// </summary>
public interface IUpkeepIndex
{
    /// <summary>
    /// Takes, or goes on with, the lease of a job for <paramref name="duration"/> from now; zero gives it back. Null when another holder has it.
    /// A lease saves work, nothing is made safe by it: every change below is refused by itself where it would do harm.
    /// </summary>
    Task<Lease?> LeaseAsync(string job, string holder, TimeSpan duration, CancellationToken cancellation);

    /// <summary>Packs, as <paramref name="selection"/> says.</summary>
    Task<IReadOnlyList<IndexedPack>> PacksAsync(PackSelection selection, CancellationToken cancellation);

    /// <summary>
    /// Every arrival, live or deleted, of the given instances of one study; with no instances, of the whole study. Read in one snapshot, past any cache.
    /// </summary>
    Task<IReadOnlyList<IndexedArrival>> ArrivalsAsync(TenantId tenant, string studyUid, IReadOnlyList<InstanceKey> instances, CancellationToken cancellation);

    /// <summary>Makes one change in one transaction; false when it was refused and nothing changed.</summary>
    Task<bool> ApplyAsync(UpkeepChange change, CancellationToken cancellation);

    /// <summary>
    /// Changes after a position in commit order, without gaps; first numbers rows that were committed without a number, where the provider
    /// does it so. A position of another epoch, or one that was never given out, gives <see cref="ChangePage.IsOtherEpoch"/>.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="after">Null starts before the first change of the current epoch.</param>
    /// <param name="limit">Most changes to give; 0 only tells the epoch.</param>
    /// <param name="cancellation">Stops the read.</param>
    Task<ChangePage> ChangesAsync(TenantId tenant, ChangePosition? after, int limit, CancellationToken cancellation);

    /// <summary>Where the index stands, and what waits: at most <paramref name="limit"/> objects to mirror and quarantined instances.</summary>
    Task<UpkeepState> UpkeepAsync(int limit, CancellationToken cancellation);
}

/// <summary>A lease that is held.</summary>
/// <param name="Fence">Rises whenever the lease changes hands.</param>
/// <param name="Until">When it ends unless it is renewed.</param>
public sealed record Lease(long Fence, DateTimeOffset Until);

/// <summary>Which packs are asked for.</summary>
public abstract record PackSelection
{
    private PackSelection() { }

    /// <summary>Those of the keys that the index knows, retired ones among them.</summary>
    public sealed record ByKeys(TenantId Tenant, IReadOnlyList<string> Keys) : PackSelection;

    /// <summary>Referenced packs in the order of their keys, after a key ("" for the first).</summary>
    public sealed record ByOrder(TenantId Tenant, string After, int Limit) : PackSelection;

    /// <summary>
    /// All packs of one study that is due: touched (a commit, a delete, a restore) longer than <paramref name="Quiet"/> ago and not
    /// examined since; of several the one that waits longest. Gives <see cref="IndexedPack.TouchedAt"/>.
    /// </summary>
    public sealed record OfQuietStudy(TimeSpan Quiet) : PackSelection;

    /// <summary>Referenced packs that were last read and found good before a time, longest ago first.</summary>
    public sealed record Unscrubbed(DateTimeOffset Before, int Limit) : PackSelection;

    /// <summary>Retired packs whose <see cref="IndexedPack.NotBefore"/> has passed.</summary>
    public sealed record Retired(int Limit) : PackSelection;
}

/// <summary>A pack that the index knows.</summary>
public sealed record IndexedPack
{
    /// <summary>Its tenant.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The study whose instances it holds.</summary>
    public required string StudyUid { get; init; }

    /// <summary>Object key.</summary>
    public required string Key { get; init; }

    /// <summary>Bytes of the object.</summary>
    public required long Length { get; init; }

    /// <summary>When it was last read and found good: at first when it was committed.</summary>
    public DateTimeOffset ScrubbedAt { get; init; }

    /// <summary>When its study was last touched; only from <see cref="PackSelection.OfQuietStudy"/>.</summary>
    public DateTimeOffset TouchedAt { get; init; }

    /// <summary>Set on a retired pack: nothing refers to it, its object may go after this time.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}

/// <summary>An arrival that the index knows.</summary>
/// <param name="Entry">As a locator gives it.</param>
/// <param name="DeletedAt">When it was deleted; null for a live one.</param>
public sealed record IndexedArrival(InstanceEntry Entry, DateTimeOffset? DeletedAt);

/// <summary>Where the index stands.</summary>
public sealed record UpkeepState
{
    /// <summary>Of the change feed; a rebuild or adoption begins another, and so does a copy of the index that takes the place of the one before.</summary>
    public required long Epoch { get; init; }

    /// <summary>The index is known to have everything that the store has: nothing is collected before that.</summary>
    public required bool IsClean { get; init; }

    /// <summary>
    /// Set while the epoch is unclean because a copy of the index took the place of the one before (a failover, a backup that was restored):
    /// decisions that it may lack. Instances that it may lack are in the store's packs.
    /// </summary>
    public MissedDecisions? Missed { get; init; }

    /// <summary>Number of the last change of the default tenant in this epoch.</summary>
    public required long Sequence { get; init; }

    /// <summary>Id of the last decision.</summary>
    public required Ulid LastDecision { get; init; }

    /// <summary>The index's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Retired packs whose objects are not deleted yet, and the earliest <see cref="IndexedPack.NotBefore"/> of them.</summary>
    public required (long Count, DateTimeOffset? Oldest) Retired { get; init; }

    /// <summary>The longest time ago that a referenced pack was scrubbed; null without packs.</summary>
    public required DateTimeOffset? OldestScrub { get; init; }

    /// <summary>Objects to copy to the mirror, the oldest first.</summary>
    public required IReadOnlyList<MirrorItem> Mirror { get; init; }

    /// <summary>Instances of which a part is damaged or missing in the store.</summary>
    public required IReadOnlyList<QuarantinedPart> Quarantined { get; init; }
}

/// <summary>Decisions that an index may lack which took the place of another.</summary>
/// <param name="After">The last one that it had when it took over.</param>
/// <param name="Before">From this time on decisions are its own.</param>
public sealed record MissedDecisions(Ulid After, DateTimeOffset Before);

/// <summary>An object that the mirror lacks, and since when.</summary>
public sealed record MirrorItem(string Key, DateTimeOffset Since);

/// <summary>Parts of an instance that can be damaged by themselves.</summary>
public enum StoredPart
{
    /// <summary>The file as it was received, and its frame table.</summary>
    Data,

    /// <summary>Its DICOM JSON.</summary>
    Metadata,
}

/// <summary>A part of an instance that must not be served.</summary>
/// <param name="Key">The instance.</param>
/// <param name="Origin">The arrival.</param>
/// <param name="Part">What of it.</param>
/// <param name="Reason">A sentence.</param>
public sealed record QuarantinedPart(InstanceKey Key, Origin Origin, StoredPart Part, string Reason);

/// <summary>What happened to an instance, as the change feed says it.</summary>
public enum ChangeAction
{
    /// <summary>It is visible: stored or restored.</summary>
    Create,

    /// <summary>Its attributes or metadata changed.</summary>
    Update,

    /// <summary>It is not visible any more.</summary>
    Delete,
}

/// <summary>A place in the change feed.</summary>
public readonly record struct ChangePosition(long Epoch, long Sequence);

/// <summary>One change.</summary>
/// <param name="Sequence">Its number in the epoch.</param>
/// <param name="Action">What happened.</param>
/// <param name="Key">To which instance.</param>
/// <param name="At">When it was committed.</param>
/// <param name="Version">The study's content version since.</param>
public sealed record Change(long Sequence, ChangeAction Action, InstanceKey Key, DateTimeOffset At, long Version);

/// <summary>Changes in commit order.</summary>
/// <param name="Epoch">The current epoch.</param>
/// <param name="IsOtherEpoch">The position asked for is not one of this epoch: nothing is given.</param>
/// <param name="Changes">The changes.</param>
public sealed record ChangePage(long Epoch, bool IsOtherEpoch, IReadOnlyList<Change> Changes);

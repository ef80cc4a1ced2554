namespace VnaCloud.Archive;

/// <summary>One change that upkeep makes to the index, in one transaction.</summary>
public abstract record UpkeepChange
{
    private UpkeepChange() { }

    /// <summary>
    /// Points arrivals, live and deleted, from old packs to a new one (data, metadata and frame table), and retires packs that nothing refers
    /// to any more. Content versions and change feed stay as they are: to readers nothing happened.
    /// </summary>
    /// <remarks>
    /// Refused as a whole when a moved arrival is not in one of the old packs any more, when a forgotten one is not deleted any more, when a row
    /// still refers to a pack that is to be retired (the study changed meanwhile), or when the new pack is older than the fence of a commit.
    /// An arrival that was deleted or restored meanwhile is moved in its new state. The new pack counts as scrubbed now; one that was retired before is not any more.
    /// </remarks>
    public sealed record PackSwap : UpkeepChange
    {
        /// <summary>The tenant.</summary>
        public required TenantId Tenant { get; init; }

        /// <summary>The study of all packs.</summary>
        public required string StudyUid { get; init; }

        /// <summary>The durable, verified new pack with the arrivals that move; null when only forgetting and retiring. Its fence is off when <see cref="PackCommit.Adopting"/>.</summary>
        public PackCommit? Into { get; init; }

        /// <summary>Packs that the moved arrivals are in now.</summary>
        public required IReadOnlyList<string> From { get; init; }

        /// <summary>Deleted arrivals whose rows go: nothing can restore them any more.</summary>
        public IReadOnlyList<IndexedArrival> Forgotten { get; init; } = [];

        /// <summary>Which of <see cref="From"/> are retired.</summary>
        public required IReadOnlyList<string> Retired { get; init; }

        /// <summary>How long the retired objects stay for readers that hold their locators.</summary>
        public required TimeSpan Keep { get; init; }
    }

    /// <summary>The objects of these retired packs are deleted: their rows go.</summary>
    public sealed record Collected(TenantId Tenant, IReadOnlyList<string> Keys) : UpkeepChange;

    /// <summary>The study was examined, unless it was touched after <paramref name="TouchedAt"/>: it is due again at <paramref name="Again"/> (as if touched then), or not before its next change.</summary>
    public sealed record Examined(TenantId Tenant, string StudyUid, DateTimeOffset TouchedAt, DateTimeOffset? Again) : UpkeepChange;

    /// <summary>A referenced pack was read: its quarantine marks are these from now on. Refused when the index does not know the pack.</summary>
    public sealed record Scrubbed(TenantId Tenant, string Key, IReadOnlyList<QuarantinedPart> Quarantined) : UpkeepChange;

    /// <summary>
    /// Objects to copy to the mirror, beside the packs, which commits and swaps queue themselves where a mirror is configured;
    /// and objects that were copied.
    /// </summary>
    public sealed record Mirrored(IReadOnlyList<string> Queued, IReadOnlyList<string> Copied) : UpkeepChange;

    /// <summary>
    /// Decisions that the journal has and an older index has not, in order of id: deletes and restores by origin, with their own ids and times and
    /// without outbox rows. Origins that the index does not know, and voids, are passed over.
    /// </summary>
    public sealed record Replayed(TenantId Tenant, IReadOnlyList<Decision> Decisions) : UpkeepChange;

    /// <summary>A new, unclean epoch of the change feed; later decisions get ids above <paramref name="LastDecision"/>.</summary>
    public sealed record EpochBegun(Ulid LastDecision) : UpkeepChange;

    /// <summary>The index has everything that the store has. Refused when <paramref name="Epoch"/> is given and another has begun meanwhile.</summary>
    public sealed record EpochClean(long? Epoch = null) : UpkeepChange;
}

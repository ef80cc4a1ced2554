namespace VnaCloud.Archive;

/// <summary>A tenant's number in the index. The one tenant of an embedded archive is <see cref="Default"/>.</summary>
public readonly record struct TenantId(int Value)
{
    /// <summary>The first tenant, made with the archive.</summary>
    public static readonly TenantId Default = new(1);
}

/// <summary>A durable pack whose instances are to become visible.</summary>
public sealed record PackCommit
{
    /// <summary>The tenant.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The pack's name; its time is what the fence looks at.</summary>
    public required Ulid Pack { get; init; }

    /// <summary>Object key of the pack.</summary>
    public required string PackKey { get; init; }

    /// <summary>Bytes of the pack.</summary>
    public required long PackLength { get; init; }

    /// <summary>The one study whose instances the pack holds.</summary>
    public required string StudyUid { get; init; }

    /// <summary>The members, in pack order.</summary>
    public required IReadOnlyList<PackMember> Members { get; init; }

    /// <summary>Where it came from.</summary>
    public required IngestSource Source { get; init; }

    /// <summary>Adopting and reindexing are exempt from the fence (packs older than 6 h are otherwise refused).</summary>
    public bool Adopting { get; init; }

    /// <summary>
    /// Reindexing: a member that contradicts a visible instance stays out, and nothing is journalled about it. Which of two arrivals was
    /// acknowledged is not to be told from packs, and a decision written down now would hide the other for ever.
    /// </summary>
    public bool LeavesConflicts { get; init; }
}

/// <summary>An instance in a pack with what it says of its study and series.</summary>
public sealed record PackMember
{
    /// <summary>What reading needs.</summary>
    public required InstanceEntry Entry { get; init; }

    /// <summary>Patient and study attributes of this instance's data set.</summary>
    public required StudyAttributes Study { get; init; }

    /// <summary>Series attributes of this instance's data set.</summary>
    public required SeriesAttributes Series { get; init; }
}

/// <summary>Who sent a batch, for the ingest_batch row.</summary>
/// <param name="Batch">The batch id, kept over retries of the commit.</param>
/// <param name="Actor">User, AE title or "anonymous".</param>
/// <param name="Address">Network address of the sender, or a local description such as "vna import".</param>
/// <param name="RequestId">The request's trace id.</param>
/// <param name="ReceivedAt">When the request began.</param>
public sealed record IngestSource(Ulid Batch, string Actor, string Address, string RequestId, DateTimeOffset ReceivedAt);

/// <summary>What became of a pack member.</summary>
public enum MemberOutcome
{
    /// <summary>Now visible.</summary>
    Stored,

    /// <summary>Equal content was there: nothing changed, the first stays; the member is journalled void.</summary>
    Duplicate,

    /// <summary>Different content is there under the same UIDs: refused; the member is journalled void.</summary>
    Conflict,
}

/// <summary>The answer to one <see cref="PackCommit"/>.</summary>
/// <param name="Outcomes">One for each member, in order.</param>
/// <param name="SopElsewhere">Ordinals of stored members whose SOP Instance UID also exists under another series or study: a warning.</param>
/// <param name="Refused">Set when the fence refused the whole pack: a sentence that says why.</param>
public sealed record PackResult(IReadOnlyList<MemberOutcome> Outcomes, IReadOnlySet<int> SopElsewhere, string? Refused = null)
{
    /// <summary>Refused only because others held its study for too long: the same again may be committed later.</summary>
    public bool IsBusy { get; init; }
}

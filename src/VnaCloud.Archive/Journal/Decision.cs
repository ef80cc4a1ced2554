namespace VnaCloud.Archive;

/// <summary>Kinds of journal entries.</summary>
public enum DecisionKind
{
    /// <summary>The arrival is deleted.</summary>
    Delete,

    /// <summary>The arrival never became visible: it lost against an instance that was there.</summary>
    Void,

    /// <summary>A deleted arrival is visible again.</summary>
    Restore,
}

/// <summary>
/// Something decided after packs were written. First an outbox row in the transaction that decides, then a line of a journal object;
/// reindex replays them by origin (docs/pack-format.md).
/// </summary>
/// <param name="Id">Rises strictly with the order of decisions in one archive.</param>
/// <param name="Kind">What was decided.</param>
/// <param name="Key">The instance.</param>
/// <param name="Origin">The arrival that it is about.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Stable word: "request", "duplicate", "conflict", "served", "lost".</param>
public sealed record Decision(Ulid Id, DecisionKind Kind, InstanceKey Key, Origin Origin, DateTimeOffset At, string Reason)
{
    /// <summary>The decision that takes a void back, since the index serves this arrival; right behind it, before whatever else is decided about it.</summary>
    internal Decision TakenBack() => this with { Id = Id.After(), Kind = DecisionKind.Restore, Reason = "served" };
}

/// <summary>A delete or restore asked for by a client: a study, a series of it or one instance.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Kind"><see cref="DecisionKind.Delete"/> or <see cref="DecisionKind.Restore"/>.</param>
/// <param name="StudyUid">The study.</param>
/// <param name="SeriesUid">Null for the whole study.</param>
/// <param name="SopUid">Null for the whole series.</param>
/// <param name="NotBefore">Restore: only what was deleted at or after this time (the grace).</param>
public sealed record DecisionRequest(TenantId Tenant, DecisionKind Kind, string StudyUid, string? SeriesUid, string? SopUid, DateTimeOffset NotBefore = default);

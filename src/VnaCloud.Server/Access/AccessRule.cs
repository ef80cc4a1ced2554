namespace VnaCloud.Server.Access;

/// <summary>Who may use a route. A route without a rule is closed to everybody, and a test finds it.</summary>
/// <param name="Needs">The right it needs; none where it is open to all.</param>
/// <param name="Action">What the audit trail calls it; empty where it is not recorded.</param>
internal sealed record AccessRule(Rights Needs, string Action)
{
    /// <summary>Its handler keeps within the visitor's <see cref="Reach"/>; else a visitor of limited reach is refused.</summary>
    public bool KeepsReach { get; init; }

    /// <summary>A page: whoever has not signed in is sent to do so.</summary>
    public bool IsPage { get; init; }

    public bool IsOpen => Needs == Rights.None;

    /// <summary>Every use is a record of its own; else one stands for all by the same visitor of the same study within minutes: a CT's slices are one access, arriving or looked at.</summary>
    public bool IsRecordedEachTime => Needs is not (Rights.Read or Rights.Write);
}

internal static class AccessRules
{
    /// <summary>Only for visitors with the right, and to whom all of the archive is open.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Rights right, string action)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(right, action));

    /// <summary>For visitors with the right; the handler keeps within what there is for them.</summary>
    public static TBuilder NeedsWithinReach<TBuilder>(this TBuilder builder, Rights right, string action)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(right, action) { KeepsReach = true });

    /// <summary>A page without data of its own, for visitors with the right; others are sent to sign in.</summary>
    /// <param name="forGuests">Whether those who came by a share link may have it.</param>
    public static TBuilder IsPage<TBuilder>(this TBuilder builder, bool forGuests)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(Rights.Read, "") { IsPage = true, KeepsReach = forGuests });

    /// <summary>Holds nothing of patients, or sees to its visitors itself.</summary>
    public static TBuilder IsOpenToAll<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(Rights.None, ""));
}

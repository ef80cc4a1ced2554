namespace VnaCloud.DicomWeb;

/// <summary>What the service says of one instance (PS3.18 Table I.1-1).</summary>
public enum StoreState
{
    /// <summary>Referenced SOP Sequence (0008,1199) names it, without warning.</summary>
    Stored,

    /// <summary>Referenced SOP Sequence names it with a Warning Reason (0008,1196): stored.</summary>
    StoredWithWarning,

    /// <summary>Failed SOP Sequence (0008,1198) names it: not stored.</summary>
    Failed,

    /// <summary>Nothing is said of it: whether it is stored is not known.</summary>
    NotNamed,
}

/// <summary>The outcome for one instance.</summary>
/// <param name="State">Stored or not.</param>
/// <param name="Reason">Failure Reason (0008,1197) or Warning Reason (0008,1196); 0 for none.</param>
/// <param name="Comment">Error Comment (0000,0902), when there is one.</param>
public sealed record InstanceOutcome(StoreState State, ushort Reason = 0, string Comment = "")
{
    /// <summary>Whether the service has it, by its own word.</summary>
    public bool IsStored => State is StoreState.Stored or StoreState.StoredWithWarning;
}

/// <summary>The Store Instances Response Module of a 200, 202 or 409.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Outcomes">One for each instance that was sent, in their order.</param>
/// <param name="OtherFailures">Failures that name no instance (0008,119A).</param>
public sealed record StowAnswer(int Status, IReadOnlyList<InstanceOutcome> Outcomes, IReadOnlyList<InstanceOutcome> OtherFailures);

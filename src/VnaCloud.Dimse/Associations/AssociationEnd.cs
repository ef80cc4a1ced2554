namespace VnaCloud.Dimse;

/// <summary>How an association ended.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Detail">One sentence without patient data.</param>
public sealed record AssociationEnd(AssociationEndCause Cause, string Detail)
{
    /// <summary>The peer's or this side's A-ASSOCIATE-RJ.</summary>
    public AssociateReject? Reject { get; init; }

    /// <summary>The peer's or this side's A-ABORT.</summary>
    public AbortPdu? Abort { get; init; }
}

/// <summary>Causes of an association's end.</summary>
public enum AssociationEndCause
{
    /// <summary>Released in order.</summary>
    Released,

    /// <summary>Refused by A-ASSOCIATE-RJ.</summary>
    Rejected,

    /// <summary>The peer sent A-ABORT.</summary>
    AbortedByPeer,

    /// <summary>This side's user aborted.</summary>
    AbortedLocally,

    /// <summary>The peer broke the protocol, and was sent A-ABORT.</summary>
    ProtocolError,

    /// <summary>The peer was silent for longer than <see cref="AssociationTimeouts"/> allow.</summary>
    TimedOut,

    /// <summary>The connection could not be made, or broke.</summary>
    ConnectionLost,
}

/// <summary>An association could not be had, or ended before an operation did.</summary>
public sealed class AssociationException : IOException
{
    /// <summary>Tells how it ended.</summary>
    public AssociationException(AssociationEnd end, Exception? inner = null) : base(end?.Detail, inner) => End = end!;

    /// <summary>How it ended; <see cref="AssociationEnd.Reject"/> tells whether it may be tried again.</summary>
    public AssociationEnd End { get; }
}

namespace VnaCloud.Dimse;

/// <summary>How long each side of an association waits. None may be endless: that is the usual cause of a hung node.</summary>
public sealed record AssociationTimeouts
{
    /// <summary>The defaults.</summary>
    public static readonly AssociationTimeouts Default = new();

    /// <summary>Connecting, and the TLS handshake after it; 10 s each.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>ARTIM (PS3.8 section 9.1.5): from the connection to the whole A-ASSOCIATE-RQ, and for the peer to close after the end; 10 s.</summary>
    public TimeSpan Artim { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the answer to A-ASSOCIATE-RQ; 30 s.</summary>
    public TimeSpan Associate { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without any message while no operation is under way; 60 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Waiting for the next kilobyte of a message that has begun; 30 s.</summary>
    public TimeSpan Progress { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the next response to an operation that was asked for; 60 s.</summary>
    public TimeSpan Response { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the peer to take what is sent to it; 30 s.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the answer to A-RELEASE-RQ; 5 s.</summary>
    public TimeSpan Release { get; init; } = TimeSpan.FromSeconds(5);
}

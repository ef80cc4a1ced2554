namespace VnaCloud.Gateway.Spool;

/// <summary>What is urgent goes first.</summary>
internal enum Lane
{
    /// <summary>Before everything else.</summary>
    Stat,

    /// <summary>As it comes.</summary>
    Normal,

    /// <summary>Old studies that are moved: takes what the others leave, and a small share in any case.</summary>
    Backload,
}

/// <summary>Where an object goes, and how soon.</summary>
internal sealed record ForwardRoute(string Destination, Lane Lane);

/// <summary>What the queue knows of an object: all of it stands in its file.</summary>
internal sealed record SpooledObject(Receipt Receipt, long Length)
{
    public required string StudyUid { get; init; }

    public required string SeriesUid { get; init; }

    public required string SopInstanceUid { get; init; }

    public required string SopClassUid { get; init; }

    public required string TransferSyntaxUid { get; init; }

    public required string Modality { get; init; }

    public required string CallingAe { get; init; }

    /// <summary>The W3C traceparent of the C-STORE that brought it; null when it was not traced.</summary>
    public string? TraceParent { get; init; }

    public required ForwardRoute Route { get; init; }
}

namespace VnaCloud.Archive;

/// <summary>
/// One access, as an administrator reads it: who did what, to which patient's study, from where, and whether it was allowed. Records are
/// appended and never changed.
/// </summary>
public sealed record AccessRecord
{
    /// <summary>Names the record; sorts by time.</summary>
    public required Ulid Id { get; init; }

    /// <summary>What was done: "search", "read", "view", "store", "delete", "share", "sign-in" and so on (docs/access.md).</summary>
    public required string Action { get; init; }

    /// <summary>"allowed", "refused", "not found" or "failed".</summary>
    public required string Outcome { get; init; }

    /// <summary>Subject of the token, name of the key, "share:" and the link's id, or "anonymous".</summary>
    public required string Who { get; init; }

    /// <summary>Address of the client.</summary>
    public required string Source { get; init; }

    /// <summary>Study Instance UID, or empty where no single study is concerned.</summary>
    public string StudyUid { get; init; } = "";

    /// <summary>Patient ID (0010,0020); looked up by the study where it is empty.</summary>
    public string PatientId { get; init; } = "";

    /// <summary>Issuer of Patient ID (0010,0021).</summary>
    public string Issuer { get; init; } = "";

    /// <summary>What else there is to know; never the values of a search.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>Which records are wanted. All that is set must hold.</summary>
public sealed record AccessQuery
{
    /// <summary>Of one patient.</summary>
    public string? PatientId { get; init; }

    /// <summary>Of this issuer's patient.</summary>
    public string? Issuer { get; init; }

    /// <summary>Of one study.</summary>
    public string? StudyUid { get; init; }

    /// <summary>By one visitor.</summary>
    public string? Who { get; init; }

    /// <summary>Not older.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Older.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Older than this record: the newest come first.</summary>
    public Ulid? Before { get; init; }

    /// <summary>Most records to give.</summary>
    public required int Limit { get; init; }
}

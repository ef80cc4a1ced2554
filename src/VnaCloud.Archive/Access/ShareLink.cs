namespace VnaCloud.Archive;

/// <summary>A link that lets somebody without an account see one study, or all studies of its patient, for a while.</summary>
public sealed record ShareLink
{
    /// <summary>Names the link to those who manage it; opens nothing.</summary>
    public required Ulid Id { get; init; }

    /// <summary>SHA-256 of the token in the link. The token itself is kept nowhere.</summary>
    public required Digest Token { get; init; }

    /// <summary>The study that was shared; where <see cref="IsWholePatient"/>, the one by which the patient was named.</summary>
    public required string StudyUid { get; init; }

    /// <summary>All studies of the patient, those that come later too.</summary>
    public bool IsWholePatient { get; init; }

    /// <summary>Patient ID (0010,0020) of the study when it was shared.</summary>
    public string PatientId { get; init; } = "";

    /// <summary>Issuer of Patient ID (0010,0021).</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Opens nothing from then on.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether whole instances may be taken away, too; else they can only be looked at.</summary>
    public bool MayDownload { get; init; }

    /// <summary>For those who manage links, such as for whom it was made.</summary>
    public string Note { get; init; } = "";

    /// <summary>Salt and hash of the passphrase, as the server made them; empty for none.</summary>
    public string Passphrase { get; init; } = "";

    /// <summary>Since when it opens nothing, whatever <see cref="ExpiresAt"/> says; null while it does.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Who revoked it.</summary>
    public string RevokedBy { get; init; } = "";

    /// <summary>Wrong passphrases since <see cref="WrongSince"/>.</summary>
    public int Wrong { get; init; }

    /// <summary>When they began to be counted.</summary>
    public DateTimeOffset WrongSince { get; init; }

    /// <summary>Whether it opens something at that time.</summary>
    public bool IsOpenAt(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;
}

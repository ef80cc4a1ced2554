namespace VnaCloud.Index.Access;

// Times are Unix milliseconds, 0 for never; ids are the 26 characters of a ULID.

internal sealed class AccessRecordEntity
{
    public int TenantId { get; init; }
    public string Id { get; init; } = "";
    public string Action { get; init; } = "";
    public string Outcome { get; init; } = "";
    public string Who { get; init; } = "";
    public string Source { get; init; } = "";
    public string StudyUid { get; init; } = "";
    public string PatientId { get; init; } = "";
    public string Issuer { get; init; } = "";
    public string Detail { get; init; } = "";
}

internal sealed class ShareLinkEntity
{
    public int TenantId { get; init; }
    public string Id { get; init; } = "";
    public byte[] Token { get; init; } = [];
    public string StudyUid { get; init; } = "";
    public bool IsWholePatient { get; init; }
    public string PatientId { get; init; } = "";
    public string Issuer { get; init; } = "";
    public string CreatedBy { get; init; } = "";
    public long ExpiresAt { get; init; }
    public bool MayDownload { get; init; }
    public string Note { get; init; } = "";
    public string Passphrase { get; init; } = "";
    public long RevokedAt { get; init; }
    public string RevokedBy { get; init; } = "";
    public int Wrong { get; init; }
    public long WrongSince { get; init; }
}

internal sealed class ProtectionKeyEntity
{
    public string Name { get; init; } = "";
    public string Xml { get; init; } = "";
}

namespace VnaCloud.Dimse;

/// <summary>User information of A-ASSOCIATE-RQ and -AC (PS3.8 Annex D, PS3.7 Annex D.3.3).</summary>
public sealed record UserInformation
{
    /// <summary>Longest P-DATA-TF that this side takes, in bytes after the PDU header; 0 is without limit (PS3.8 D.1). Null: the item is missing.</summary>
    public uint? MaxPduLength { get; init; }

    /// <summary>Implementation Class UID (PS3.7 D.3.3.2); "" when missing.</summary>
    public string ImplementationClassUid { get; init; } = "";

    /// <summary>Implementation Version Name (PS3.7 D.3.3.2); "" when missing.</summary>
    public string ImplementationVersionName { get; init; } = "";

    /// <summary>Asynchronous operations window (PS3.7 D.3.3.3); null is one of each.</summary>
    public AsyncWindow? AsyncWindow { get; init; }

    /// <summary>Role selections (PS3.7 D.3.3.4).</summary>
    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    /// <summary>SOP class extended negotiation (PS3.7 D.3.3.5).</summary>
    public IReadOnlyList<ExtendedNegotiation> Extended { get; init; } = [];

    /// <summary>SOP class common extended negotiation (PS3.7 D.3.3.6); in requests only.</summary>
    public IReadOnlyList<CommonExtendedNegotiation> CommonExtended { get; init; } = [];

    /// <summary>User identity (PS3.7 D.3.3.7); in requests only.</summary>
    public UserIdentity? Identity { get; init; }

    /// <summary>Server's answer to a user identity (PS3.7 D.3.3.7); in accepts only.</summary>
    public ReadOnlyMemory<byte>? IdentityAnswer { get; init; }
}

/// <summary>Operations that may be outstanding, as the requestor of the association sees it (PS3.7 D.3.3.3); 0 is without limit.</summary>
/// <param name="Invoked">By the requestor.</param>
/// <param name="Performed">By the requestor, that is: invoked by the acceptor.</param>
public readonly record struct AsyncWindow(ushort Invoked, ushort Performed);

/// <summary>Roles of the association's requestor in a SOP class (PS3.7 D.3.3.4).</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="Roles">Proposed or accepted roles.</param>
public sealed record RoleSelection(string SopClassUid, ServiceRoles Roles);

/// <summary>Application information of a SOP class (PS3.7 D.3.3.5); its bytes are the service class's (PS3.4).</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="Information">For C-FIND and the like a byte for each option, 1 for yes.</param>
public sealed record ExtendedNegotiation(string SopClassUid, ReadOnlyMemory<byte> Information);

/// <summary>What a SOP class belongs to (PS3.7 D.3.3.6).</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="ServiceClassUid">Its service class.</param>
/// <param name="RelatedGeneralSopClassUids">SOP classes that it specialises.</param>
public sealed record CommonExtendedNegotiation(string SopClassUid, string ServiceClassUid, IReadOnlyList<string> RelatedGeneralSopClassUids);

/// <summary>Who asks (PS3.7 D.3.3.7). Never written to a log: <see cref="ToString"/> tells the kind alone.</summary>
/// <param name="Kind">What the fields are.</param>
/// <param name="PositiveResponseRequested">An answer is expected.</param>
/// <param name="Primary">User name in UTF-8, Kerberos ticket, SAML assertion or JSON web token.</param>
/// <param name="Secondary">The passcode of kind 2, else empty.</param>
public sealed record UserIdentity(UserIdentityKind Kind, bool PositiveResponseRequested, ReadOnlyMemory<byte> Primary, ReadOnlyMemory<byte> Secondary = default)
{
    /// <inheritdoc/>
    public override string ToString() => $"user identity of kind {Kind}";
}

/// <summary>User-Identity-Type (PS3.7 Table D.3-14).</summary>
public enum UserIdentityKind : byte
{
    /// <summary>User name.</summary>
    UserName = 1,

    /// <summary>User name and passcode.</summary>
    UserNameAndPasscode = 2,

    /// <summary>Kerberos service ticket.</summary>
    Kerberos = 3,

    /// <summary>SAML assertion.</summary>
    Saml = 4,

    /// <summary>JSON web token.</summary>
    JsonWebToken = 5,
}

namespace VnaCloud.Dimse;

/// <summary>A presentation context as proposed (PS3.8 section 9.3.2.2).</summary>
/// <param name="Id">Odd, 1 to 255.</param>
/// <param name="AbstractSyntax">UID of the SOP class.</param>
/// <param name="TransferSyntaxes">UIDs, in the requestor's order.</param>
public sealed record ProposedContext(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes);

/// <summary>The answer to a proposed context (PS3.8 section 9.3.3.2).</summary>
/// <param name="Id">As proposed.</param>
/// <param name="Result">The decision.</param>
/// <param name="TransferSyntax">The one that is accepted; not significant otherwise, yet always sent.</param>
public sealed record ContextResult(byte Id, ContextDecision Result, string TransferSyntax);

/// <summary>Result/Reason of a presentation context (PS3.8 Table 9-18).</summary>
public enum ContextDecision : byte
{
    /// <summary>Accepted.</summary>
    Acceptance = 0,

    /// <summary>Refused by the user of the service.</summary>
    UserRejection = 1,

    /// <summary>Refused by the provider, without a reason.</summary>
    NoReason = 2,

    /// <summary>The SOP class is not supported.</summary>
    AbstractSyntaxNotSupported = 3,

    /// <summary>None of the transfer syntaxes is supported.</summary>
    TransferSyntaxesNotSupported = 4,
}

/// <summary>A context that both sides agreed on, and who may be what in it.</summary>
/// <param name="Id">Odd, 1 to 255.</param>
/// <param name="AbstractSyntax">UID of the SOP class.</param>
/// <param name="TransferSyntax">UID of the one transfer syntax.</param>
/// <param name="RequestorRoles">Roles of the side that asked for the association (PS3.7 D.3.3.4); SCU alone by default.</param>
public sealed record PresentationContext(byte Id, string AbstractSyntax, string TransferSyntax, ServiceRoles RequestorRoles = ServiceRoles.Scu);

/// <summary>Roles in a SOP class (PS3.7 section D.3.3.4).</summary>
[Flags]
public enum ServiceRoles
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>Invokes operations.</summary>
    Scu = 1,

    /// <summary>Performs operations.</summary>
    Scp = 2,
}

namespace VnaCloud.Server.Http.Negotiation;

/// <summary>A representation that can be answered with. A slice lists them in its own order of preference, the default first.</summary>
/// <param name="MediaType">Of the answer, or of its parts.</param>
/// <param name="Multipart">In multipart/related, or alone.</param>
/// <param name="TransferSyntax">UID of the encoding; null for types that have none (JSON, ZIP).</param>
/// <param name="Roles">Which ranges get this transfer syntax without naming it.</param>
internal sealed record MediaOffer(string MediaType, bool Multipart, string? TransferSyntax = null, SyntaxRoles Roles = SyntaxRoles.None)
{
    /// <summary>As a client would ask for it.</summary>
    public override string ToString()
    {
        var type = Multipart ? $"{MediaTypeNames.MultipartRelated}; type=\"{MediaType}\"" : MediaType;
        var syntax = Roles.HasFlag(SyntaxRoles.Stored) ? "*" : TransferSyntax;
        return syntax is null ? type : $"{type}; transfer-syntax={syntax}";
    }
}

[Flags]
internal enum SyntaxRoles
{
    /// <summary>Only a range that names the UID.</summary>
    None = 0,

    /// <summary>Also <c>transfer-syntax=*</c> (PS3.18 8.7.3.5.2).</summary>
    Stored = 1,

    /// <summary>Also a range of this media type without transfer syntax (PS3.18 Table 8.7.3-2 and following).</summary>
    Default = 2,
}

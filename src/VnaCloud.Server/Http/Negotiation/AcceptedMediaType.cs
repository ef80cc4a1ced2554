namespace VnaCloud.Server.Http.Negotiation;

/// <summary>One range that the client accepts.</summary>
/// <param name="Type">Lower case, maybe with wildcards; equivalent names are made one (<see cref="MediaTypeNames"/>).</param>
/// <param name="Q">0 (excluded) to 1.</param>
/// <param name="TransferSyntax">A UID, <c>*</c> for "as stored" (PS3.18 8.7.3.5.2), or null.</param>
/// <param name="RelatedType">The <c>type</c> parameter of a multipart range, else null.</param>
/// <param name="FromQuery">From the <c>accept</c> query parameter, which goes before the header (PS3.18 8.7.8.1).</param>
/// <param name="Parameters">All parameters as sent.</param>
internal sealed record AcceptedMediaType(
    string Type,
    double Q,
    string? TransferSyntax,
    string? RelatedType,
    bool FromQuery,
    IReadOnlyList<KeyValuePair<string, string>> Parameters);

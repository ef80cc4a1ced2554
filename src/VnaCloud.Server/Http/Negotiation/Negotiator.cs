namespace VnaCloud.Server.Http.Negotiation;

/// <summary>
/// Chooses the representation (PS3.18 8.7.8.1, RFC 9110 12.5.1). The accept query parameter goes first, then the header.
/// Within one of them each offer gets the most specific range that matches it, so that <c>q=0</c> excludes; the offer with the
/// highest q wins, then the more specific range, then the client's order, then ours.
/// </summary>
internal static class Negotiator
{
    /// <param name="accepted">From <see cref="Accept"/>; empty means anything.</param>
    /// <param name="offers">The default first; at least one.</param>
    /// <returns>The offer to answer with; null means 406 (<see cref="Problem.NotAcceptable"/>).</returns>
    public static MediaOffer? Choose(IReadOnlyList<AcceptedMediaType> accepted, IReadOnlyList<MediaOffer> offers) =>
        accepted.Count == 0 ? offers[0] : Best(accepted, offers, fromQuery: true) ?? Best(accepted, offers, fromQuery: false);

    private static MediaOffer? Best(IReadOnlyList<AcceptedMediaType> accepted, IReadOnlyList<MediaOffer> offers, bool fromQuery)
    {
        MediaOffer? best = null;
        var bestRank = (Q: 0.0, Specificity: 0, Order: 0);
        foreach (var offer in offers)
        {
            var rank = (Q: 0.0, Specificity: 0, Order: 0);
            for (var i = 0; i < accepted.Count; i++)
            {
                var range = accepted[i];
                var specificity = range.FromQuery == fromQuery ? Match(range, offer) : 0;
                if (specificity > rank.Specificity || (specificity == rank.Specificity && specificity > 0 && range.Q > rank.Q))
                {
                    rank = (range.Q, specificity, -i);
                }
            }
            if (rank.Q > 0 && rank.CompareTo(bestRank) > 0)
            {
                (best, bestRank) = (offer, rank);
            }
        }
        return best;
    }

    // 0: no match; 1: */*; 2: image/* or multipart of any type; 3: the type itself; one more when it names the transfer syntax.
    private static int Match(AcceptedMediaType range, MediaOffer offer)
    {
        var multipart = range.Type is "multipart/*" or MediaTypeNames.MultipartRelated;
        var type = multipart ? range.RelatedType ?? "*/*" : range.Type;
        if (range.Type != "*/*" && multipart != offer.Multipart)
        {
            return 0;
        }
        var specificity = type == "*/*" ? (multipart ? 2 : 1) : MatchType(type, MediaTypeNames.Canonical(offer.MediaType));
        return specificity == 0 || !MatchSyntax(range.TransferSyntax, offer, specificity) ? 0
            : specificity + (range.TransferSyntax is null ? 0 : 1);
    }

    private static int MatchType(string range, string offered) =>
        range == offered ? 3
        : range.EndsWith("/*", StringComparison.Ordinal) && offered.StartsWith(range[..^1], StringComparison.Ordinal) ? 2
        : 0;

    // A wildcard says nothing about the encoding; a type without transfer syntax means the type's default (PS3.18 8.7.3.5.2).
    private static bool MatchSyntax(string? asked, MediaOffer offer, int specificity) =>
        offer.TransferSyntax is null
        || (asked switch
        {
            null => specificity < 3 || offer.Roles.HasFlag(SyntaxRoles.Default),
            "*" => offer.Roles.HasFlag(SyntaxRoles.Stored),
            _ => asked == offer.TransferSyntax,
        });
}

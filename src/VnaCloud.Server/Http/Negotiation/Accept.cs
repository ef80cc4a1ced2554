using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace VnaCloud.Server.Http.Negotiation;

/// <summary>Reads what a request accepts (PS3.18 8.7.5 and 8.3.3.1).</summary>
internal static class Accept
{
    /// <summary>Characters of all Accept headers and the query parameter together.</summary>
    private const int MaxLength = 16 * 1024;

    private const int MaxRanges = 100;

    /// <summary>Both sources as one list, in the client's order; empty when the request names none.</summary>
    /// <returns>False when the text is not a list of media ranges, or past the limits: answer 400.</returns>
    public static bool TryRead(HttpRequest request, out IReadOnlyList<AcceptedMediaType> accepted)
    {
        // Repeated headers are one list (RFC 9110 5.3).
        var header = string.Join(',', request.Headers.Accept.AsEnumerable());
        return TryRead(header, QueryParameter(request.QueryString.Value), out accepted);
    }

    public static bool TryRead(string header, string query, out IReadOnlyList<AcceptedMediaType> accepted)
    {
        var list = new List<AcceptedMediaType>();
        accepted = list;
        return header.Length + query.Length <= MaxLength
            && TryAdd(list, query, fromQuery: true)
            && TryAdd(list, header, fromQuery: false);
    }

    // Forms decode '+' to a blank, but here it is that of "application/dicom+json".
    private static string QueryParameter(string? queryString)
    {
        var values = new List<string>();
        foreach (var pair in new QueryStringEnumerable(queryString))
        {
            if (pair.EncodedName.Span.SequenceEqual("accept"))
            {
                values.Add(Uri.UnescapeDataString(pair.EncodedValue.Span));
            }
        }
        return string.Join(',', values);
    }

    private static bool TryAdd(List<AcceptedMediaType> list, string text, bool fromQuery)
    {
        if (MediaType.ParseList(text, MaxRanges - list.Count) is not { } ranges)
        {
            return false;
        }
        foreach (var range in ranges)
        {
            if (Quality(range["q"]) is not { } q)
            {
                return false;
            }
            list.Add(new AcceptedMediaType(
                MediaTypeNames.Canonical(range.Name),
                q,
                Unquoted(range["transfer-syntax"]),
                Unquoted(range["type"]) is { } type ? MediaTypeNames.Canonical(type.ToLowerInvariant()) : null,
                fromQuery,
                range.Parameters));
        }
        return true;
    }

    // RFC 9110 12.4.2: 0 to 1; no sign, exponent or NaN. More than three decimals are let pass.
    private static double? Quality(string? text) =>
        text is null ? 1
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) && q is >= 0 and <= 1 ? q
        : null;

    // Single quotes mean nothing in HTTP, but clients write them.
    private static string? Unquoted(string? value) =>
        value is ['\'', .. var inner, '\''] ? inner : value;
}

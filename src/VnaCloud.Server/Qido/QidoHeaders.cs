using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using VnaCloud.Archive;

namespace VnaCloud.Server.Qido;

/// <summary>Headers of a search's answer: counts, the next page, and what the client should know.</summary>
internal static class QidoHeaders
{
    public const string TotalCount = "X-Total-Count";
    public const string TotalCountRelation = "X-Total-Count-Relation";

    /// <summary>More unknown names than these are only counted: headers have to stay small.</summary>
    private const int NamesInWarning = 8;

    /// <param name="response">Not started.</param>
    /// <param name="request">The search.</param>
    /// <param name="page">Its first page of results.</param>
    /// <param name="baseUrl">Of the server.</param>
    public static void Set(HttpResponse response, QidoRequest request, SearchPage page, string baseUrl)
    {
        var headers = response.Headers;
        headers.CacheControl = "private, no-cache";
        headers[TotalCount] = page.Total.ToString(CultureInfo.InvariantCulture);
        if (page.TotalIsLowerBound)
        {
            headers[TotalCountRelation] = "gte";
        }
        var service = Uri.TryCreate(baseUrl, UriKind.Absolute, out var uri) ? uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}" : "-";
        if (request.UnknownIncludes.Count > 0)
        {
            var names = request.UnknownIncludes.Distinct().ToArray();
            var more = names.Length > NamesInWarning ? $" and {names.Length - NamesInWarning} more" : "";
            Warn(headers, service, $"The includefield attributes {string.Join(' ', names.Take(NamesInWarning))}{more} are not known and have been ignored");
        }
        var remaining = Remaining(request, page);
        if (remaining > 0)
        {
            // The text of PS3.18 8.3.4.4.
            Warn(headers, service, string.Create(CultureInfo.InvariantCulture, $"There are {remaining} additional results that can be requested"));
        }
        if (Next(response.HttpContext.Request, request, page, remaining) is { } next)
        {
            headers.Link = $"<{baseUrl}{next}>; rel=\"next\"";
        }
    }

    private static long Remaining(QidoRequest request, SearchPage page)
    {
        var remaining = Math.Max(0, page.Total - request.Position - request.Limit);
        if (request.Limit is 0 or > QidoLimits.PageRows)
        {
            return remaining;
        }
        // The cursor is certain whether anything follows; a count that is a lower bound may be behind us already.
        return page.NextCursor is null ? 0 : Math.Max(1, remaining);
    }

    /// <summary>
    /// The next page: by key where this answer is one page of the index, so that nothing is lost or repeated while others store; a longer
    /// answer, whose last row is not read yet, by its position.
    /// </summary>
    private static string? Next(HttpRequest http, QidoRequest request, SearchPage page, long remaining)
    {
        var position = request.Position + request.Limit;
        if (request.Limit is > 0 and <= QidoLimits.PageRows)
        {
            return page.NextCursor is { } cursor ? Url(http, "cursor", string.Create(CultureInfo.InvariantCulture, $"{position}.{cursor}")) : null;
        }
        return request.Limit > 0 && (remaining > 0 || (page.TotalIsLowerBound && page.NextCursor is not null)) && position <= QidoLimits.Offset
            ? Url(http, "offset", position.ToString(CultureInfo.InvariantCulture)) : null;
    }

    // Decoded and encoded again: nothing of the client's own spelling (line breaks, quotes) gets into a header.
    private static string Url(HttpRequest http, string parameter, string value)
    {
        var url = new StringBuilder("/dicom-web").Append(http.Path.Value!.AsSpan("/dicom-web".Length)).Append('?');
        foreach (var pair in new QueryStringEnumerable(http.QueryString.Value))
        {
            var name = pair.DecodeName().ToString();
            if (name is not ("" or "offset" or "cursor"))
            {
                url.Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(pair.DecodeValue().ToString())).Append('&');
            }
        }
        return url.Append(parameter).Append('=').Append(Uri.EscapeDataString(value)).ToString();
    }

    private static void Warn(IHeaderDictionary headers, string service, string text) => headers.Append("Warning", $"299 {service}: {text}");
}

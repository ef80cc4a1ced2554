using Microsoft.Net.Http.Headers;

namespace VnaCloud.Server.Http;

/// <summary>Conditional reads (RFC 9110 13).</summary>
internal static class Conditional
{
    /// <summary>Whether If-None-Match already has this representation; compares weakly, as 13.1.2 says.</summary>
    public static bool IsNotModified(HttpRequest request, EntityTagHeaderValue etag)
    {
        if (!EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known))
        {
            return false;
        }
        foreach (var tag in known)
        {
            if (tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(etag, useStrongComparison: false))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Maps GET and HEAD to one handler: HEAD is GET without its body, which Kestrel leaves out.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        routes.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], handler);
}

using System.Buffers;
using VnaCloud.Server.Http.Negotiation;

namespace VnaCloud.Server.Http.Multipart;

/// <summary>The Content-Type of a multipart/related request (RFC 2387, PS3.18 8.6.1).</summary>
/// <param name="Boundary">Checked: 1 to <see cref="MultipartLimits.BoundaryLength"/> characters that RFC 2046 5.1.1 allows.</param>
/// <param name="RelatedType">The <c>type</c> parameter in lower case, where there is one.</param>
internal sealed record MultipartContentType(string Boundary, string? RelatedType)
{
    // RFC 2046 5.1.1, bchars; a boundary does not end in a blank.
    private static readonly SearchValues<char> BoundaryCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=? ");

    /// <summary>Reads the boundary and the type of a Content-Type that is known to be multipart/related.</summary>
    /// <exception cref="MultipartFormatException">No boundary, or one that cannot be.</exception>
    public static MultipartContentType Read(MediaType contentType)
    {
        var boundary = contentType["boundary"];
        if (boundary is not { Length: > 0 and <= MultipartLimits.BoundaryLength }
            || boundary.EndsWith(' ') || boundary.AsSpan().ContainsAnyExcept(BoundaryCharacters))
        {
            throw new MultipartFormatException(
                MultipartFault.Malformed, $"The Content-Type needs a boundary of 1 to {MultipartLimits.BoundaryLength} characters out of those that RFC 2046 5.1.1 allows.");
        }
        return new MultipartContentType(boundary, contentType["type"]?.Trim('\'').ToLowerInvariant());
    }
}

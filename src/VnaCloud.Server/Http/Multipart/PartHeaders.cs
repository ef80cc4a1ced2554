using System.Buffers;
using System.Text;

namespace VnaCloud.Server.Http.Multipart;

/// <summary>The header fields of one part (RFC 2045 3, RFC 822 without folding).</summary>
internal static class PartHeaders
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(c => c != '\t').Select(c => (char)c), '\x7F']);

    /// <param name="block">From behind the boundary, transport padding included, to before the empty line.</param>
    /// <param name="limit">Fields that one part may have.</param>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> block, int limit)
    {
        var text = Encoding.Latin1.GetString(block);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var first = true;
        foreach (var range in text.AsSpan().Split("\r\n"))
        {
            var line = text.AsSpan(range);
            if (first)
            {
                // RFC 2046 5.1.1: only padding may stand between the boundary and its line's end.
                first = false;
                Require(line.Trim(" \t").IsEmpty, "A boundary is followed by other characters on its line.");
                continue;
            }
            var colon = line.IndexOf(':');
            var name = line[..Math.Max(colon, 0)].TrimEnd(" \t");
            var value = line[(colon + 1)..].Trim(" \t");
            Require(!name.IsEmpty && !name.ContainsAnyExcept(NameCharacters), "A part has a header without a name.");
            Require(!value.ContainsAny(ControlCharacters), "A part has a header with control characters.");
            if (headers.Count == limit)
            {
                throw new MultipartFormatException(MultipartFault.TooLarge, $"A part has more than {limit} headers.");
            }
            Require(headers.TryAdd(name.ToString(), value.ToString()), "A part has the same header twice.");
        }
        RefuseEncoded(headers);
        return headers;
    }

    // PS3.18 8.6.1: parts are DICOM or bulk data as they are; neither is to be found inside another container.
    private static void RefuseEncoded(Dictionary<string, string> headers)
    {
        Refuse(
            headers.TryGetValue("Content-Transfer-Encoding", out var transfer) && transfer.ToLowerInvariant() is not ("binary" or "8bit" or "7bit"),
            "The Content-Transfer-Encoding of a part must be binary.");
        Refuse(
            headers.TryGetValue("Content-Encoding", out var encoding) && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase),
            "A part must not have a Content-Encoding.");
        Refuse(
            headers.TryGetValue("Content-Type", out var type) && type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase),
            "A part must not be multipart itself.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new MultipartFormatException(MultipartFault.Malformed, message);
        }
    }

    private static void Refuse(bool condition, string message)
    {
        if (condition)
        {
            throw new MultipartFormatException(MultipartFault.Unsupported, message);
        }
    }
}

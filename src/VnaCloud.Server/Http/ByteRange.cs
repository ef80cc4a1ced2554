using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace VnaCloud.Server.Http;

/// <summary>A part of a representation, inside it.</summary>
internal readonly record struct ByteRange(long Offset, long Length)
{
    public string ContentRange(long total) => string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Length - 1}/{total}");

    /// <summary>What the request's Range and If-Range ask of a representation (RFC 9110 14.2 and 13.1.5).</summary>
    /// <param name="request">Only GET has ranges.</param>
    /// <param name="total">Bytes of the whole representation.</param>
    /// <param name="etag">Its strong entity tag, for If-Range.</param>
    public static RangeAnswer Read(HttpRequest request, long total, EntityTagHeaderValue? etag)
    {
        var header = request.Headers.Range;
        if (header.Count != 1 || !HttpMethods.IsGet(request.Method) || !IfRangeHolds(request, etag))
        {
            return RangeAnswer.Whole;
        }
        return Parse(header.ToString(), total);
    }

    // Another unit or a malformed specifier is ignored (RFC 9110 14.2). Several ranges would be multipart/byteranges: refused.
    private static RangeAnswer Parse(ReadOnlySpan<char> header, long total)
    {
        if (!header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return RangeAnswer.Whole;
        }
        var text = header["bytes=".Length..].Trim(" \t");
        if (text.Contains(','))
        {
            return RangeAnswer.Unsatisfiable;
        }
        var dash = text.IndexOf('-');
        if (dash < 0 || !TryNumber(text[..dash], out var first) || !TryNumber(text[(dash + 1)..], out var last)
            || (first is null && last is null) || first > last)
        {
            return RangeAnswer.Whole;
        }
        var offset = first ?? total - Math.Min(last!.Value, total);
        var end = first is null || last is null ? total : last >= total ? total : last.Value + 1;
        return offset < end ? new RangeAnswer(RangeOutcome.Partial, new ByteRange(offset, end - offset)) : RangeAnswer.Unsatisfiable;
    }

    // Numbers past 2^63 are as good as infinite.
    private static bool TryNumber(ReadOnlySpan<char> text, out long? number)
    {
        number = null;
        if (text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }
        if (!text.IsEmpty)
        {
            number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue;
        }
        return true;
    }

    // We give no Last-Modified, so that a date never holds; weak tags never do (RFC 9110 13.1.5).
    private static bool IfRangeHolds(HttpRequest request, EntityTagHeaderValue? etag)
    {
        var header = request.Headers.IfRange.ToString();
        return header.Length == 0
            || (etag is not null && EntityTagHeaderValue.TryParse(header, out var asked) && etag.Compare(asked, useStrongComparison: true));
    }
}

internal readonly record struct RangeAnswer(RangeOutcome Outcome, ByteRange Range)
{
    public static readonly RangeAnswer Whole = new(RangeOutcome.Whole, default);
    public static readonly RangeAnswer Unsatisfiable = new(RangeOutcome.Unsatisfiable, default);

    /// <summary>Sets status, Accept-Ranges, Content-Range and, but for 416, Content-Length.</summary>
    /// <returns>The bytes to send; null after 416, which has no content.</returns>
    public ByteRange? Apply(HttpResponse response, long total)
    {
        response.Headers.AcceptRanges = "bytes";
        if (Outcome == RangeOutcome.Unsatisfiable)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{total}");
            return null;
        }
        var range = Range;
        if (Outcome == RangeOutcome.Partial)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = range.ContentRange(total);
        }
        else
        {
            range = new ByteRange(0, total);
        }
        response.ContentLength = range.Length;
        return range;
    }
}

internal enum RangeOutcome
{
    /// <summary>200 with everything.</summary>
    Whole,

    /// <summary>206 with one range.</summary>
    Partial,

    /// <summary>416.</summary>
    Unsatisfiable,
}

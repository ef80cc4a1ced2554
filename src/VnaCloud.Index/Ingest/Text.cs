using System.Globalization;

namespace VnaCloud.Index.Ingest;

/// <summary>Text on its way into a column.</summary>
internal static class Text
{
    /// <summary>Longest value of a column; what data sets say beyond it is in the stored metadata only.</summary>
    public const int MaxLength = 1_024;

    /// <summary>Order of what is no number: behind every number.</summary>
    public const long NoNumber = long.MaxValue;

    /// <summary>
    /// Cut to <see cref="MaxLength"/>, not inside a surrogate pair; NUL and lone surrogates, which SQL text cannot hold, become U+FFFD.
    /// </summary>
    public static string Clean(string text)
    {
        if (text.Length > MaxLength)
        {
            text = text[..(char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        }
        return Whole(text);
    }

    /// <summary>Text of any length that SQL can hold.</summary>
    public static string Whole(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
        {
            text = string.Concat(text.EnumerateRunes()); // a lone surrogate is enumerated as U+FFFD
        }
        return text.Contains('\0') ? text.Replace('\0', '\uFFFD') : text;
    }

    /// <summary>Where a Series or Instance Number (IS) stands in an answer.</summary>
    public static long NumberOrder(string number) =>
        long.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var value) ? value : NoNumber;
}

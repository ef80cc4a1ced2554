namespace VnaCloud.Index.Query;

/// <summary>Ranges of text in the order of the columns: bytewise, which in UTF-8 is the order of code points.</summary>
internal static class OrdinalRange
{
    /// <summary>Behind every text.</summary>
    public static readonly string Largest = char.ConvertFromUtf32(0x10FFFF);

    /// <summary>The smallest text behind all that begin with <paramref name="prefix"/>; null when none is.</summary>
    public static string? After(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes.Count > 0)
        {
            var next = runes[^1].Value + 1;
            runes.RemoveAt(runes.Count - 1);
            if (next <= 0x10FFFF)
            {
                var last = char.ConvertFromUtf32(next is >= 0xD800 and <= 0xDFFF ? 0xE000 : next); // surrogates are no characters
                return string.Concat(runes.Select(static rune => rune.ToString())) + last;
            }
        }
        return null;
    }
}

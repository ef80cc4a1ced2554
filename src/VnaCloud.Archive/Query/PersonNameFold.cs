using System.Collections.Frozen;
using System.Text;

namespace VnaCloud.Archive;

/// <summary>
/// The form in which person names are compared: upper case, without accents (PS3.4 C.2.2.2.1 leaves both to the implementation).
/// Marks are taken from Latin, Greek and Cyrillic letters only: in Thai, Hebrew or Japanese they are vowels or other sounds.
/// </summary>
public static partial class PersonNameFold
{
    private static readonly FrozenDictionary<char, char> PlainLetters =
        Marked.Zip(Plain).ToFrozenDictionary(static pair => pair.First, static pair => pair.Second);

    private static readonly char[] WordSeparators = [' ', '^', '=', ',', '.', '-', '\'', '’', '\u3000', '*', '?'];

    /// <summary>Folds a name or a pattern; '^', '=', '*' and '?' stay.</summary>
    public static string Fold(string name)
    {
        var builder = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            if (IsCombiningAccent(character))
            {
                continue;
            }
            var upper = char.ToUpperInvariant(character);
            _ = upper switch
            {
                < '\u0080' => builder.Append(upper),
                'ß' or 'ẞ' => builder.Append("SS"),
                'Æ' or 'Ǽ' or 'Ǣ' => builder.Append("AE"),
                'Œ' => builder.Append("OE"),
                'Þ' => builder.Append("TH"),
                'Ĳ' => builder.Append("IJ"),
                _ => builder.Append(PlainLetters.GetValueOrDefault(upper, upper)),
            };
        }
        return builder.ToString();
    }

    /// <summary>
    /// The component groups of a name (PS3.5 6.2.1), folded, without trailing empty components; a missing or empty group is "".
    /// </summary>
    public static IReadOnlyList<string> Groups(string name) =>
        [.. Fold(name).Split('=', MaxGroups).Select(static group => group.TrimEnd('^', ' ').Trim())];

    /// <summary>The words of a name, folded and without repetition, at most <see cref="MaxWords"/>: what fuzzy matching compares with.</summary>
    public static IReadOnlyList<string> Words(string name) =>
        [.. Fold(name).Split(WordSeparators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Take(MaxWords)];

    /// <summary>Alphabetic, ideographic and phonetic.</summary>
    public const int MaxGroups = 3;

    /// <summary>Words of one name that are indexed; a name has at most five components in each of three groups.</summary>
    public const int MaxWords = 32;

    private static bool IsCombiningAccent(char character) => character is >= '\u0300' and <= '\u036F';
}

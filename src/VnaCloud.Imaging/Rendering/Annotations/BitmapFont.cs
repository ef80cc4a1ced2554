namespace VnaCloud.Imaging;

/// <summary>
/// A small font for text in pictures: letters of 5 by 12 dots, accents in the uppermost four rows, tails in the lowest two. A letter is its
/// dots, the bit 5 y + x for each.
/// </summary>
internal static partial class BitmapFont
{
    /// <summary>Dots across of a letter, and from its left edge to the next one's.</summary>
    public const int Width = 5, Advance = 6;

    /// <summary>Dots downwards of a letter, and from one line to the next: outlines do not touch.</summary>
    public const int Height = 12, LineHeight = 14;

    /// <summary>Stands for what cannot be written.</summary>
    public const char Box = '□';

    private const int BodyTop = 3, MarkRows = 2;

    // Combining characters: grave, acute, circumflex, tilde, diaeresis, ring, caron, macron, breve, dot above, double acute, and below cedilla and ogonek.
    private const string Marks = "\u0300\u0301\u0302\u0303\u0308\u030A\u030C\u0304\u0306\u0307\u030B\u0327\u0328";
    private const int MarksAbove = 11;

    private static readonly Dictionary<char, ulong> Dots = ReadLetters();
    private static readonly ulong[] MarkDots = ReadMarks();

    /// <summary>The letters of a text, one after the other; what is not drawn is transliterated, or a box.</summary>
    public static List<ulong> Write(string text)
    {
        var letters = new List<ulong>(text.Length);
        var spelled = Transliteration.Spell(text);
        for (var i = 0; i < spelled.Length; i++)
        {
            var mark = Marks.IndexOf(spelled[i], StringComparison.Ordinal);
            if (mark >= 0 && letters.Count > 0)
            {
                letters[^1] |= Placed(mark, letters[^1]);
                continue;
            }
            var isMarkedAbove = i + 1 < spelled.Length && Marks.IndexOf(spelled[i + 1], StringComparison.Ordinal) is >= 0 and < MarksAbove;
            letters.Add(Dots.GetValueOrDefault(isMarkedAbove ? WithoutDot(spelled[i]) : spelled[i], Dots[Box]));
        }
        return letters;
    }

    /// <summary>Whether there is a drawing of it.</summary>
    public static bool Has(char letter) => Dots.ContainsKey(letter) || Marks.Contains(letter, StringComparison.Ordinal);

    private static char WithoutDot(char letter) => letter switch { 'i' => 'ı', 'j' => 'ȷ', _ => letter };

    // Above capitals and tall letters, or two rows lower; tails where descenders are.
    private static ulong Placed(int mark, ulong letter)
    {
        const ulong tall = ((1UL << (2 * Width)) - 1) << (BodyTop * Width);
        var row = mark >= MarksAbove ? Height - MarkRows : (letter & tall) != 0 ? 0 : 2;
        return MarkDots[mark] << (row * Width);
    }

    private static Dictionary<char, ulong> ReadLetters()
    {
        var rows = Drawings.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var dots = new Dictionary<char, ulong>(Letters.Length);
        for (var i = 0; i < Letters.Length; i++)
        {
            var (band, place) = Math.DivRem(i, LettersOfABand);
            dots.Add(Letters[i], Read(rows.AsSpan(band * DrawnRows, DrawnRows), place) << (BodyTop * Width));
        }
        return dots;
    }

    private static ulong[] ReadMarks()
    {
        var rows = MarkDrawings.Split('\n');
        return [.. Enumerable.Range(0, Marks.Length).Select(i => Read(rows, i))];
    }

    private static ulong Read(ReadOnlySpan<string> rows, int place)
    {
        var dots = 0UL;
        for (var y = 0; y < rows.Length; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                dots |= rows[y][place * (Width + 1) + x] == '#' ? 1UL << (y * Width + x) : 0;
            }
        }
        return dots;
    }
}

using System.Globalization;
using System.Text;

namespace VnaCloud.Imaging;

/// <summary>
/// Text in the letters that <see cref="BitmapFont"/> draws: accented ones as letter and combining mark, Greek and Cyrillic ones in Latin as
/// travel documents have them (ICAO Doc 9303 part 3 section 6), everything else as a box.
/// </summary>
internal static class Transliteration
{
    // Capitals, and of which letter and mark they are made; a comma below is drawn as a cedilla.
    private static readonly (char Mark, string Letters)[] Accented =
    [
        ('\u0300', "ÀA ÈE ÌI ÒO ÙU"),
        ('\u0301', "ÁA ÉE ÍI ÓO ÚU ÝY ĆC ĹL ŃN ŔR ŚS ŹZ"),
        ('\u0302', "ÂA ÊE ÎI ÔO ÛU ĈC ĜG ĤH ĴJ ŜS ŴW ŶY"),
        ('\u0303', "ÃA ÑN ÕO ĨI ŨU"),
        ('\u0308', "ÄA ËE ÏI ÖO ÜU ŸY"),
        ('\u030A', "ÅA ŮU"),
        ('\u030C', "ČC ĎD ĚE ĽL ŇN ŘR ŠS ŤT ŽZ ǍA ǏI ǑO ǓU ǦG ǨK"),
        ('\u0304', "ĀA ĒE ĪI ŌO ŪU"),
        ('\u0306', "ĂA ĔE ĞG ĬI ŎO ŬU"),
        ('\u0307', "ĊC ĖE ĠG ŻZ"),
        ('\u030B', "ŐO ŰU"),
        ('\u0327', "ÇC ĢG ĶK ĻL ŅN ŖR ŞS ŢT ȘS ȚT"),
        ('\u0328', "ĄA ĘE ĮI ŲU"),
    ];

    // A capital, and what stands for it.
    private const string Others = """
        İI ĐÐ ĦH ĿL· ŊN ŦT ẞSS ƏE
        АA БB ВV ГG ДD ЕE ЁE ЖZH ЗZ ИI ЙI КK ЛL МM НN ОO ПP РR СS ТT УU ФF ХKH ЦTS ЧCH ШSH ЩSHCH ЪIE ЫY Ь ЭE ЮIU ЯIA
        ІI ЇI ЄIE ҐG ЎU ЂD ЃG ЅDZ ЈJ ЉLJ ЊNJ ЋC ЌK ЏDZ
        ΑA ΒV ΓG ΔD ΕE ΖZ ΗI ΘTH ΙI ΚK ΛL ΜM ΝN ΞX ΟO ΠP ΡR ΣS ΤT ΥY ΦF ΧCH ΨPS ΩO ΆA ΈE ΉI ΊI ΌO ΎY ΏO ΪI ΫY
        """;

    // Typographic signs, as they are.
    private const string Signs = "–- —- −- ‘' ’' ‚, “\" ”\" „\" ‹< ›> ∙· •· ′' ″\" ʼ'";

    private static readonly Dictionary<char, string> Table = Read();

    /// <summary>The text in letters and combining marks that can be drawn.</summary>
    public static string Spell(string text)
    {
        var spelled = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            // Full-width forms of ASCII, in Japanese names.
            letter = letter is >= '\uFF01' and <= '\uFF5E' ? (char)(letter - 0xFEE0) : letter == '\u3000' ? ' ' : Vietnamese(letter) ?? letter;
            if (BitmapFont.Has(letter))
            {
                spelled.Append(letter);
            }
            else if (Find(letter) is { } known)
            {
                var isAmongCapitals = known.Length > 1 && known[1] < '\u0300' && ((i + 1 < text.Length && char.IsUpper(text[i + 1])) || (i > 0 && char.IsUpper(text[i - 1])));
                spelled.Append(!char.IsUpper(letter) || isAmongCapitals || known.Length < 2 ? known : known[0] + known[1..].ToLowerInvariant());
            }
            else if (!char.IsHighSurrogate(letter) && CharUnicodeInfo.GetUnicodeCategory(letter) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.Format))
            {
                spelled.Append(char.IsWhiteSpace(letter) || char.IsControl(letter) ? ' ' : BitmapFont.Box);
            }
        }
        return spelled.ToString();
    }

    // Small letters by their capitals.
    private static string? Find(char letter) => Table.TryGetValue(letter, out var own) ? own
        : char.ToUpperInvariant(letter) is var capital && capital != letter && Table.TryGetValue(capital, out var known) ? known.ToLowerInvariant() : null;

    // Two marks on a letter are none in so few dots. Capitals and small letters alternate.
    private static char? Vietnamese(char letter)
    {
        char? capital = letter switch
        {
            >= '\u1EA0' and <= '\u1EB7' => 'A',
            >= '\u1EB8' and <= '\u1EC7' => 'E',
            >= '\u1EC8' and <= '\u1ECB' => 'I',
            >= '\u1ECC' and <= '\u1EE3' or 'Ơ' or 'ơ' => 'O',
            >= '\u1EE4' and <= '\u1EF1' or 'Ư' or 'ư' => 'U',
            >= '\u1EF2' and <= '\u1EF9' => 'Y',
            _ => null,
        };
        return char.IsUpper(letter) || capital is null ? capital : char.ToLowerInvariant(capital.Value);
    }

    private static Dictionary<char, string> Read()
    {
        var table = new Dictionary<char, string>();
        foreach (var (mark, letters) in Accented)
        {
            foreach (var pair in letters.Split(' '))
            {
                table.Add(pair[0], $"{pair[1]}{mark}");
            }
        }
        foreach (var entry in Others.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Concat(Signs.Split(' ')))
        {
            table.Add(entry[0], entry[1..]);
        }
        table['\u00A0'] = " ";
        table['Ĳ'] = "IJ";
        table['ſ'] = "s";
        table['ŉ'] = "'n";
        table['ĸ'] = "k";
        return table;
    }
}

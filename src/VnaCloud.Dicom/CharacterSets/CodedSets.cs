using System.Collections.Frozen;
using System.Text;

namespace VnaCloud.Dicom;

/// <summary>
/// The defined terms of Specific Character Set (PS3.3 section C.12.1.1.2) by registration number, so that ISO_IR 100,
/// ISO 2022 IR 100 and the misspelt ISO-IR 100 are one entry.
/// </summary>
internal static class CodedSets
{
    internal static readonly CodedSet Ascii = CodedSet.Low("(B");
    internal static readonly CodedSet Latin1 = CodedSet.HighHalf("-A", 28591);

    private static readonly CodedSet Romaji = CodedSet.Low("(J");
    private static readonly CodedSet Katakana = CodedSet.Katakana(")I");

    private static readonly FrozenDictionary<string, CodedSet[]> ByNumber = new Dictionary<string, CodedSet[]>
    {
        ["6"] = [Ascii],
        ["13"] = [Romaji, Katakana],
        ["100"] = [Ascii, Latin1],
        ["101"] = [Ascii, CodedSet.HighHalf("-B", 28592)],
        ["109"] = [Ascii, CodedSet.HighHalf("-C", 28593)],
        ["110"] = [Ascii, CodedSet.HighHalf("-D", 28594)],
        ["126"] = [Ascii, CodedSet.HighHalf("-F", 28597)],
        ["127"] = [Ascii, CodedSet.HighHalf("-G", 28596)],
        ["138"] = [Ascii, CodedSet.HighHalf("-H", 28598)],
        ["144"] = [Ascii, CodedSet.HighHalf("-L", 28595)],
        ["148"] = [Ascii, CodedSet.HighHalf("-M", 28599)],
        ["166"] = [Ascii, CodedSet.HighHalf("-T", 874)],
        ["203"] = [Ascii, CodedSet.HighHalf("-b", 28605)],
        // JIS X 0208, JIS X 0212 (whose trail bytes code page 20932 keeps low), KS X 1001, GB 2312.
        ["87"] = [CodedSet.TwoByte("$B", isHigh: false, 20932)],
        ["159"] = [CodedSet.TwoByte("$(D", isHigh: false, 20932, firstTrail: 0x21)],
        ["149"] = [CodedSet.TwoByte("$)C", isHigh: true, 949)],
        ["58"] = [CodedSet.TwoByte("$)A", isHigh: true, 936)],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly CodedSet[] All = [.. ByNumber.Values.SelectMany(sets => sets).Distinct()];

    /// <summary>The code elements of a term that may take part in code extensions; null for any other term.</summary>
    internal static CodedSet[]? Find(string term)
    {
        var words = Normalize(term);
        var number = words.StartsWith("ISO 2022 IR ", StringComparison.Ordinal) ? words[12..]
            : words.StartsWith("ISO IR ", StringComparison.Ordinal) ? words[7..]
            : words.Length == 0 ? "6" : "";
        return ByNumber.GetValueOrDefault(number);
    }

    /// <summary>The encoding of a term that stands alone, without code extensions; null for any other term.</summary>
    internal static Encoding? FindWhole(string term) => Normalize(term) switch
    {
        "ISO IR 192" or "ISO 2022 IR 192" => PlatformEncodings.Get(65001),
        "GB18030" => PlatformEncodings.Get(54936),
        "GBK" => PlatformEncodings.Get(936),
        _ => null,
    };

    /// <summary>The set that the escape sequence at the start of <paramref name="bytes"/> invokes, and the bytes it takes.</summary>
    /// <remarks>A sequence we do not know is measured by ISO 2022: intermediate bytes 0x20-0x2F, then one of 0x30-0x7E.</remarks>
    internal static (CodedSet? Set, int Length) ReadEscape(ReadOnlySpan<byte> bytes)
    {
        foreach (var set in All)
        {
            if (bytes.StartsWith(set.Escape))
            {
                return (set, set.Escape.Length);
            }
        }
        var rest = bytes[1..];
        var intermediates = rest.IndexOfAnyExceptInRange((byte)0x20, (byte)0x2F);
        return intermediates < 0 ? (null, bytes.Length)
            : (null, 1 + intermediates + (rest[intermediates] is >= 0x30 and <= 0x7E && intermediates > 0 ? 1 : 0));
    }

    private static string Normalize(string term) => term.Trim(' ', '\0').Replace('_', ' ').Replace('-', ' ').ToUpperInvariant();
}

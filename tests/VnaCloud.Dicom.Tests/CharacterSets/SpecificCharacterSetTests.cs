using System.Diagnostics;
using System.Text;

namespace VnaCloud.Dicom.Tests.CharacterSets;

public class SpecificCharacterSetTests
{
    // Bytes as C strings with octal escapes print them in PS3.5 Annexes H to K; \e is ESC.
    private const string Japanese = "Yamada^Tarou=山田^太郎=やまだ^たろう";

    public static TheoryData<string, string, string> StandardExamples => new()
    {
        // PS3.5 H.3.1 and H.3.2
        { @"\ISO 2022 IR 87", @"Yamada^Tarou=\e$B;3ED\e(B^\e$BB@O:\e(B=\e$B$d$^$@\e(B^\e$B$?$m$&\e(B", Japanese },
        {
            @"ISO 2022 IR 13\ISO 2022 IR 87", @"\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\e$B;3ED\e(J^\e$BB@O:\e(J=\e$B$d$^$@\e(J^\e$B$?$m$&\e(J",
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"
        },
        // I.2
        {
            @"\ISO 2022 IR 149", @"Hong^Gildong=\e$)C\xFB\xF3^\e$)C\xD1\xCE\xD4\xD7=\e$)C\xC8\xAB^\e$)C\xB1\xE6\xB5\xBF",
            "Hong^Gildong=洪^吉洞=홍^길동"
        },
        // J.1, J.2, K.2
        { "ISO_IR 192", @"Wang^XiaoDong=\xE7\x8E\x8B^\xE5\xB0\x8F\xE6\x9D\xB1", "Wang^XiaoDong=王^小東" },
        { "GB18030", @"Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东" },
        { @"\ISO 2022 IR 58", @"Zhang^XiaoDong=\e$)A\xD5\xC5^\e$)A\xD0\xA1\xB6\xAB", "Zhang^XiaoDong=张^小东" },
        { "GBK", @"Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东" },
        { "ISO_IR 100", @"Buc^J\xE9r\xF4me", "Buc^Jérôme" },
        { "ISO_IR 101", @"Wa\xB3\xEAsa", "Wałęsa" },
        { "ISO_IR 109", @"\xA6a\xFEo", "Ĥaŝo" },
        { "ISO_IR 110", @"\xAA\xF1\xE0", "Ēņā" },
        { "ISO_IR 126", @"\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος" },
        { "ISO_IR 127", @"\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1", "قباني^لنزار" },
        { "ISO_IR 138", @"\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4", "שרון^דבורה" },
        { "ISO_IR 144", @"\xBB\xEEce\xDC\xD1yp\xD3", "Люceмбypг" },
        { "ISO_IR 148", @"\xC7avu\xFEo\xF0lu", "Çavuşoğlu" },
        { "ISO_IR 166", @"\xB9\xD2\xC1\xCA\xA1\xD8\xC5", "นามสกุล" },
        { "ISO_IR 203", @"\xA4 \xBC\xBD", "€ Œœ" },
        { "ISO_IR 13", @"\xD4\xCF\xC0\xDE^\xC0\xDB\xB3", "ﾔﾏﾀﾞ^ﾀﾛｳ" },
        { @"\ISO 2022 IR 159", @"\e$(D0!\e(B", "丂" },
        { @"ISO 2022 IR 100\ISO 2022 IR 144\ISO 2022 IR 126", @"\xE9\e-L\xBB\xEE\e-F\xC4\e-A^\xE9", "éЛюΔ^é" },
    };

    [Theory]
    [MemberData(nameof(StandardExamples))]
    public void Decode_ExamplesOfTheStandard_ReadAsPrinted(string terms, string bytes, string text) =>
        Assert.Equal(text, Parse(terms).Decode(Bytes(bytes), DicomVr.PN));

    [Theory]
    [MemberData(nameof(StandardExamples))]
    public void Encode_ExamplesOfTheStandard_WritesTheirBytes(string terms, string bytes, string text)
    {
        var written = Parse(terms).Encode(text, DicomVr.PN, out var lossy);
        Assert.False(lossy);
        Assert.Equal(Bytes(bytes), written);
    }

    [Theory]
    [InlineData("", "plain ASCII, ~^=")]
    [InlineData("ISO_IR 13", "ｱｲｳ abc ｶﾞ")]
    [InlineData("ISO_IR 192", "日本 😀 \U0002000B Ж")]
    [InlineData("GB18030", "㐀 😀 é 東京 ẞ")]
    [InlineData("GBK", "東京 刘晓 €")]
    [InlineData(@"\ISO 2022 IR 87\ISO 2022 IR 159", "東京 abc 丂丄 ー―〜 tail\r\n次の行")]
    [InlineData(@"ISO 2022 IR 13\ISO 2022 IR 87\ISO 2022 IR 100", "ｱ漢é字\tｲ")]
    [InlineData(@"\ISO 2022 IR 149\ISO 2022 IR 58\ISO 2022 IR 87", "한글 and 汉语 and 日本\f한")]
    [InlineData(@"ISO 2022 IR 6\ISO 2022 IR 101\ISO 2022 IR 109\ISO 2022 IR 110\ISO 2022 IR 127\ISO 2022 IR 138\ISO 2022 IR 148\ISO 2022 IR 166\ISO 2022 IR 203",
        "łĤĒعשşส€ and back")]
    public void Encode_ThenDecode_GivesTheTextBack(string terms, string text)
    {
        var set = Parse(terms);
        foreach (var vr in (DicomVr[])[DicomVr.LT, DicomVr.UT, DicomVr.PN, DicomVr.LO])
        {
            var bytes = set.Encode(text, vr, out var lossy);
            Assert.False(lossy);
            Assert.Equal(text, set.Decode(bytes, vr));
        }
    }

    [Theory]
    [InlineData("", DicomVr.LO, @"a?b?", "aéb漢")]
    [InlineData("ISO_IR 100", DicomVr.LO, @"\xE9?", "é😀")]
    [InlineData("ISO_IR 999", DicomVr.LO, "?", "é")]
    [InlineData("", DicomVr.LO, "?$B", "\u001B$B")]
    [InlineData(@"\ISO 2022 IR 87", DicomVr.LO, @"\e$B4A\e(B?", "漢é")]
    [InlineData("ISO_IR 192", DicomVr.CS, "?", "漢")]
    public void Encode_CharacterInNoSet_SaysLossy(string terms, DicomVr vr, string bytes, string text)
    {
        Assert.Equal(Bytes(bytes), Parse(terms).Encode(text, vr, out var lossy));
        Assert.True(lossy);
    }

    [Theory]
    [InlineData("ISO_IR 192")]
    [InlineData("GB18030")]
    [InlineData(@"\ISO 2022 IR 87")]
    [InlineData("ISO_IR 100")]
    public void Encode_LoneSurrogate_BecomesOneReplacement(string terms)
    {
        var set = Parse(terms);
        var bytes = set.Encode("a" + '\uD800' + "b", DicomVr.LO, out var lossy);
        Assert.True(lossy);
        Assert.Contains(set.Decode(bytes, DicomVr.LO), (string[])["a?b", "a\uFFFDb"]);
    }

    [Theory]
    // 0x5C is the second byte of 乗 in GBK and GB18030, and leads or ends characters of JIS X 0208.
    [InlineData("GB18030", @"\x81\x5C\x5C\x81\x30\x81\x30x", "乗|\u0080x")]
    [InlineData("GBK", @"\x81\x5C\x5C\xCD\xF5", "乗|王")]
    [InlineData(@"\ISO 2022 IR 87", @"\e$B\x5C\x21\x30\x5C\e(B\x5Cb", "棔移|b")]
    [InlineData(@"\ISO 2022 IR 149", @"\e$)C\xC8\xAB\x5C\xC8\xAB", "홍|È«")]
    [InlineData("ISO_IR 192", @"\xC3\xA9\x5C \xC3\xA8 ", "é|è")]
    [InlineData("ISO_IR 13", @"\xD4\x5C\xCF", "ﾔ|ﾏ")]
    [InlineData("", @"a\x5C\x5Cb ", "a||b")]
    public void DecodeValues_Backslash_SplitsOnlyWhereItDelimits(string terms, string bytes, string values) =>
        Assert.Equal(values.Split('|'), Parse(terms).DecodeValues(Bytes(bytes), DicomVr.LO));

    [Theory]
    [InlineData(DicomVr.PN, @"\e-L\xBB^\xE9=\xE9", "Л^é=é")]
    [InlineData(DicomVr.LO, @"\e-L\xBB^\xBB=\xBB", "Л^Л=Л")]
    [InlineData(DicomVr.LO, @"\e-L\xBB\x5C\xE9", @"Л\é")]
    [InlineData(DicomVr.LT, @"\e-L\xBB\x5C\xBB", @"Л\Л")]
    [InlineData(DicomVr.LT, "\\e-L\\xBB\r\\xE9\\e-L\\xBB\n\\xE9\\e-L\\xBB\f\\xE9\\e-L\\xBB\t\\xE9", "Л\réЛ\néЛ\féЛ\té")]
    public void Decode_Delimiter_BringsBackTheFirstSet(DicomVr vr, string bytes, string text) =>
        Assert.Equal(text, Parse(@"ISO 2022 IR 100\ISO 2022 IR 144").Decode(Bytes(bytes), vr));

    [Theory]
    [InlineData(DicomVr.LO, "  a b  \0", "a b")]
    [InlineData(DicomVr.PN, "  a^b  ", "  a^b")]
    [InlineData(DicomVr.LT, @"  a\x5Cb  ", @"  a\b")]
    [InlineData(DicomVr.UI, "1.2.3\0", "1.2.3")]
    [InlineData(DicomVr.CS, " A ", "A")]
    public void Decode_Padding_IsTrimmedAsTheVrSays(DicomVr vr, string bytes, string text) =>
        Assert.Equal(text, SpecificCharacterSet.Default.Decode(Bytes(bytes), vr));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\0")]
    public void DecodeValues_OnlyPadding_IsNoValue(string bytes) =>
        Assert.Empty(SpecificCharacterSet.Default.DecodeValues(Bytes(bytes), DicomVr.LO));

    [Theory]
    [InlineData("ISO_IR 192", @"a\xFFb\xE7\x8E", "a\uFFFDb\uFFFD")]
    [InlineData("GB18030", @"a\xFFb\x81", "a\uFFFDb\uFFFD")]
    [InlineData(@"\ISO 2022 IR 87", @"\e$B\x30", "\uFFFD")]
    [InlineData(@"\ISO 2022 IR 87", @"\e$B\x30\x07x", "\uFFFD\u0007x")]
    [InlineData(@"\ISO 2022 IR 149", @"\e$)C\xC8z\x90\xFF", "\uFFFDz\uFFFD\uFFFD")]
    [InlineData("ISO_IR 127", @"\xA1", "\uFFFD")]
    [InlineData(@"\ISO 2022 IR 87", @"a\e$+Zb\eAc\e", "abAc")]
    [InlineData(@"\ISO 2022 IR 87", @"a\e$$$$", "a")]
    [InlineData("", @"\xE9", "é")]
    [InlineData("ISO_IR 999", @"\xE9", "é")]
    [InlineData("ISO_IR 100", @"\e$B;3ED\e(B", "山田")]
    public void Decode_BrokenBytes_NeverThrow(string terms, string bytes, string text) =>
        Assert.Equal(text, Parse(terms).Decode(Bytes(bytes), DicomVr.LT));

    [Theory]
    [InlineData("ISO_IR 192", "", @"\xC3\xA9", "é")]
    [InlineData("ISO_IR 144", "", @"\xBB", "Л")]
    [InlineData("ISO_IR 144", "ISO_IR 999", @"\xBB", "Л")]
    [InlineData("ISO_IR 144", @"\ISO 2022 IR 87", @"\xBB\e$B;3\e(B", "Л山")]
    [InlineData("ISO_IR 192", @"\ISO 2022 IR 87", @"\xE9", "é")]
    [InlineData("nonsense", "", @"\xE9", "é")]
    public void Decode_UndeclaredBytes_FollowTheAssumedTerm(string assumed, string terms, string bytes, string text) =>
        Assert.Equal(text, SpecificCharacterSet.Parse(terms.Split('\\'), assumed).Decode(Bytes(bytes), DicomVr.LO));

    [Theory]
    [InlineData("", false)]
    [InlineData("ISO_IR 6", false)]
    [InlineData("ISO-IR 100", false)]
    [InlineData("iso 2022 ir 100 ", false)]
    [InlineData(@"\ISO 2022 IR 87", false)]
    [InlineData("ISO_IR 999", true)]
    [InlineData(@"ISO_IR 100\WINDOWS-1252", true)]
    public void HasUnknownTerm_IsTrueOnlyForStrangers(string terms, bool unknown)
    {
        var set = Parse(terms);
        Assert.Equal(unknown, set.HasUnknownTerm);
        Assert.Equal(terms.Split('\\'), set.Terms);
    }

    [Fact]
    public void Decode_RandomBytes_ReturnsForEverySet()
    {
        var random = new Random(5);
        var bytes = new byte[64];
        foreach (var terms in StandardExamples.Select(row => row.Data.Item1).Distinct())
        {
            var set = Parse(terms);
            for (var round = 0; round < 500; round++)
            {
                random.NextBytes(bytes);
                bytes.AsSpan(0, 4).Replace((byte)0, (byte)0x1B);
                Assert.InRange(set.Decode(bytes, DicomVr.PN).Length, 0, bytes.Length);
            }
        }
    }

    [Theory]
    [InlineData(0x1B)]
    [InlineData(0x24)]
    [InlineData(0x81)]
    [InlineData(0x5C)]
    public void Decode_ManyHostileBytes_TakesLinearTime(byte filler)
    {
        var bytes = new byte[4_000_000];
        bytes.AsSpan().Fill(filler);
        bytes[0] = 0x1B;
        var clock = Stopwatch.StartNew();
        foreach (var terms in (string[])["GB18030", "ISO_IR 192", @"\ISO 2022 IR 87"])
        {
            Assert.NotNull(Parse(terms).DecodeValues(bytes, DicomVr.UC));
        }
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private static SpecificCharacterSet Parse(string terms) => SpecificCharacterSet.Parse(terms.Split('\\'));

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            var isHex = text[i] == '\\' && text[i + 1] == 'x';
            bytes.Add(isHex ? Convert.ToByte(text[(i + 2)..(i + 4)], 16) : text[i] == '\\' ? (byte)0x1B : Encoding.Latin1.GetBytes(text, i, 1)[0]);
            i += isHex ? 3 : text[i] == '\\' ? 1 : 0;
        }
        return [.. bytes];
    }
}

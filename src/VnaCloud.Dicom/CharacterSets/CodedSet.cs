using System.Text;

namespace VnaCloud.Dicom;

/// <summary>
/// One code element of ISO 2022: a set of 94 or 96 characters of one byte, or 94x94 of two, that an escape sequence places in G0
/// (bytes below 0x80) or G1 (bytes above) (PS3.5 section 6.1.2.4). Its characters are a table taken once from the platform.
/// </summary>
internal sealed class CodedSet
{
    internal const char Unreadable = '\uFFFD';
    private const int Row = 94;

    private readonly Lazy<char[]> _characters;
    private readonly Lazy<Dictionary<char, int>> _positions;

    private CodedSet(string escape, bool isHigh, int width, Func<char[]> characters)
    {
        Escape = Encoding.Latin1.GetBytes("\u001B" + escape);
        IsHigh = isHigh;
        Width = width;
        _characters = new(characters);
        _positions = new(IndexPositions);
    }

    /// <summary>The sequence that invokes the set, from ESC on (PS3.3 Tables C.12-3 and C.12-4).</summary>
    internal byte[] Escape { get; }

    /// <summary>In G1 rather than G0.</summary>
    internal bool IsHigh { get; }

    /// <summary>Bytes of a character, 1 or 2.</summary>
    internal int Width { get; }

    /// <summary>The 96 characters of 0xA0 to 0xFF of a code page that is ASCII below.</summary>
    internal static CodedSet HighHalf(string escape, int codePage) => new(escape, isHigh: true, 1, () =>
        [.. Enumerable.Range(0xA0, 96).Select(value => One(PlatformEncodings.Get(codePage), [(byte)value]))]);

    /// <summary>Half-width katakana, 0xA1 to 0xDF of JIS X 0201.</summary>
    internal static CodedSet Katakana(string escape) => new(escape, isHigh: true, 1, () =>
        [.. Enumerable.Range(0xA0, 96).Select(value => value is >= 0xA1 and <= 0xDF ? (char)(value - 0xA1 + 0xFF61) : Unreadable)]);

    /// <summary>
    /// ASCII, and the romaji of JIS X 0201 too: its yen sign stands where backslash delimits values, and its overline is read as the
    /// tilde that was meant.
    /// </summary>
    internal static CodedSet Low(string escape) => new(escape, isHigh: false, 1, () =>
        [.. Enumerable.Range(0x20, 96).Select(value => (char)value)]);

    /// <summary>94x94 characters that a code page has from 0xA1 and <paramref name="firstTrail"/> on.</summary>
    internal static CodedSet TwoByte(string escape, bool isHigh, int codePage, int firstTrail = 0xA1) => new(escape, isHigh, 2, () =>
    {
        var encoding = PlatformEncodings.Get(codePage);
        var table = new char[Row * Row];
        for (var position = 0; position < table.Length; position++)
        {
            table[position] = One(encoding, [(byte)(0xA1 + (position / Row)), (byte)(firstTrail + (position % Row))]);
        }
        return table;
    });

    /// <summary>The character of a byte, of which the top bit does not count.</summary>
    internal char At(byte value) => _characters.Value[(value & 0x7F) - 0x20];

    /// <summary>The character of two bytes, each 0x21 to 0x7E without its top bit.</summary>
    internal char At(byte first, byte second) => _characters.Value[(((first & 0x7F) - 0x21) * Row) + (second & 0x7F) - 0x21];

    internal bool Contains(char character) => _positions.Value.ContainsKey(character);

    /// <summary>Appends the bytes of a character that the set contains.</summary>
    internal void Write(char character, List<byte> bytes)
    {
        var position = _positions.Value[character];
        var high = IsHigh ? 0x80 : 0;
        if (Width == 1)
        {
            bytes.Add((byte)(position + 0x20 | high));
            return;
        }
        bytes.Add((byte)((position / Row) + 0x21 | high));
        bytes.Add((byte)((position % Row) + 0x21 | high));
    }

    private Dictionary<char, int> IndexPositions()
    {
        var positions = new Dictionary<char, int>();
        for (var position = 0; position < _characters.Value.Length; position++)
        {
            if (_characters.Value[position] is not Unreadable and var character)
            {
                positions.TryAdd(character, position);
            }
        }
        return positions;
    }

    // Platform code pages give undefined positions a private use or control character; those are no text.
    private static char One(Encoding encoding, byte[] bytes)
    {
        var text = encoding.GetString(bytes);
        return text.Length != 1 ? Unreadable : text[0] switch
        {
            '\u02BD' => '\u2018', // ISO 8859-7 has quotation marks where the platform's code page has modifier letters.
            '\u02BC' => '\u2019',
            >= '\u00A0' and not (>= '\uE000' and <= '\uF8FF') and var character => character,
            _ => Unreadable,
        };
    }
}

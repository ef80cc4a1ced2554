using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace VnaCloud.Dicom;

/// <summary>
/// JSON tokens as UTF-8. Utf8JsonWriter cannot stop inside a string, where packs leave a hole for the base URL, nor write a number
/// with the digits that a DS has.
/// </summary>
internal sealed class JsonText(IBufferWriter<byte> output)
{
    private const long ExactInteger = 1L << 53;
    private const int SafeDigits = 15;
    private Memory<byte> _memory;
    private int _used;

    public void Flush()
    {
        output.Advance(_used);
        _used = 0;
        _memory = default;
    }

    public void Byte(byte value) => Reserve(1)[0] = Take(value);

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _used += bytes.Length;
    }

    public void Ascii(string text)
    {
        Encoding.ASCII.GetBytes(text, Reserve(text.Length));
        _used += text.Length;
    }

    public void Hex(uint value)
    {
        Utf8Formatter.TryFormat(value, Reserve(8), out var written, new StandardFormat('X', 8));
        _used += written;
    }

    public void Base64(ReadOnlySpan<byte> bytes)
    {
        var target = Reserve(Base64Encoding(bytes.Length));
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, target, out _, out var written);
        _used += written;
    }

    /// <summary>A number, or a string where JavaScript's numbers would lose digits (F.2.3, note on precision).</summary>
    public void Integer(long value) => Token(value.ToString(CultureInfo.InvariantCulture), value is > ExactInteger or < -ExactInteger);

    public void Integer(ulong value) => Token(value.ToString(CultureInfo.InvariantCulture), value > ExactInteger);

    public void Real(double value, bool single)
    {
        if (!double.IsFinite(value))
        {
            // JSON has no such numbers.
            Token(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity", quoted: true);
            return;
        }
        Token(single ? ((float)value).ToString("R", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture), quoted: false);
    }

    /// <summary>Writes a DS as a number when it is one and a double holds all its digits.</summary>
    public bool TryDecimal(string value)
    {
        var text = value.AsSpan().Trim(' ');
        if (!double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            || !double.IsFinite(number) || SignificantDigits(text) > SafeDigits)
        {
            return false;
        }
        Token(number.ToString("R", CultureInfo.InvariantCulture), quoted: false);
        return true;
    }

    public void String(string value)
    {
        Raw("\""u8);
        var start = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is < ' ' or '"' or '\\' or '\u007f')
            {
                Utf8(value.AsSpan(start, i - start));
                Escape(value[i]);
                start = i + 1;
            }
        }
        Utf8(value.AsSpan(start));
        Raw("\""u8);
    }

    private static int SignificantDigits(ReadOnlySpan<char> text)
    {
        var digits = 0;
        foreach (var character in text)
        {
            if (character is 'e' or 'E')
            {
                break;
            }
            if (char.IsAsciiDigit(character) && (digits > 0 || character != '0'))
            {
                digits++;
            }
        }
        return digits;
    }

    private static int Base64Encoding(int length) => System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(length);

    private void Token(string text, bool quoted)
    {
        if (quoted)
        {
            Raw("\""u8);
        }
        Ascii(text);
        if (quoted)
        {
            Raw("\""u8);
        }
    }

    private void Escape(char character)
    {
        switch (character)
        {
            case '"':
                Raw("\\\""u8);
                break;
            case '\\':
                Raw("\\\\"u8);
                break;
            case '\n':
                Raw("\\n"u8);
                break;
            case '\r':
                Raw("\\r"u8);
                break;
            case '\t':
                Raw("\\t"u8);
                break;
            default:
                Raw("\\u00"u8);
                var hex = Reserve(2);
                Utf8Formatter.TryFormat((byte)character, hex, out _, new StandardFormat('x', 2));
                _used += 2;
                break;
        }
    }

    private void Utf8(ReadOnlySpan<char> text)
    {
        // Lone surrogates become U+FFFD: the answer is valid UTF-8 whatever the value was.
        var target = Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        _used += Encoding.UTF8.GetBytes(text, target);
    }

    private byte Take(byte value)
    {
        _used++;
        return value;
    }

    private Span<byte> Reserve(int count)
    {
        if (_memory.Length - _used < count)
        {
            output.Advance(_used);
            _used = 0;
            _memory = output.GetMemory(Math.Max(count, 512));
        }
        return _memory.Span[_used..];
    }
}

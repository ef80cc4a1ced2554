using System.Buffers;
using System.Globalization;
using System.Text;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>
/// Markup in UTF-8 that is HTML and well-formed XML alike. Only literals are written as they are: whatever comes from a data set goes
/// through <see cref="Text(ReadOnlySpan{char})"/>, which is safe between tags and within double quotes.
/// </summary>
internal sealed class ReportMarkup(IBufferWriter<byte> output)
{
    private const int SpanBytes = 1024;

    // "&quot;" of one character.
    private const int LongestEscape = 6;

    private long _written;

    /// <summary>Something was left out.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The page has its size: what is open is closed, nothing is begun.</summary>
    public bool IsFull => _written >= ReportLimits.PageBytes;

    /// <summary>Writes a literal.</summary>
    public ReportMarkup Raw(ReadOnlySpan<byte> literal)
    {
        output.Write(literal);
        _written += literal.Length;
        return this;
    }

    /// <summary>Writes text from anywhere.</summary>
    public ReportMarkup Text(ReadOnlySpan<char> text)
    {
        var most = IsFull ? 0 : ReportLimits.TextCharacters;
        if (text.Length <= most)
        {
            return Encode(text);
        }
        IsCut = true;
        return Encode(text[..most]).Raw("\u2026"u8);
    }

    /// <summary>Writes a number.</summary>
    public ReportMarkup Number(long value) => Text(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Says in the page that something was left out here.</summary>
    public ReportMarkup Cut(ReadOnlySpan<byte> what)
    {
        IsCut = true;
        return Raw("<em class=\"cut\">"u8).Raw(what).Raw("</em>"u8);
    }

    /// <summary>Says in the page that something should be here and is not.</summary>
    public ReportMarkup Missing(ReadOnlySpan<byte> what) => Raw("<em class=\"missing\">"u8).Raw(what).Raw("</em>"u8);

    private ReportMarkup Encode(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var span = output.GetSpan(SpanBytes);
            var at = 0;
            while (!text.IsEmpty && at <= span.Length - LongestEscape)
            {
                // Half a surrogate pair comes out as U+FFFD.
                Rune.DecodeFromUtf16(text, out var rune, out var consumed);
                text = text[consumed..];
                var isPairedReturn = rune.Value == '\r' && text is ['\n', ..];
                at += isPairedReturn ? 0 : Encode(rune, span[at..]);
            }
            output.Advance(at);
            _written += at;
        }
        return this;
    }

    private static int Encode(Rune rune, Span<byte> span) => rune.Value switch
    {
        '&' => Put("&amp;"u8, span),
        '<' => Put("&lt;"u8, span),
        '>' => Put("&gt;"u8, span),
        '"' => Put("&quot;"u8, span),
        '\'' => Put("&#39;"u8, span),
        '\t' => Put("\t"u8, span),
        // PS3.5 section 6.1.3 lets CR, LF and FF format text; a lone CR and FF are no line breaks in HTML.
        '\n' or '\r' or '\f' => Put("\n"u8, span),
        var value when IsForbidden(value) => Put("\uFFFD"u8, span),
        _ => rune.EncodeToUtf8(span),
    };

    // Control characters and noncharacters, which XML 1.0 section 2.2 or the HTML standard does not allow.
    private static bool IsForbidden(int value) =>
        value is < 0x20 or (>= 0x7F and < 0xA0) or (>= 0xFDD0 and <= 0xFDEF) || (value & 0xFFFE) == 0xFFFE;

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> span)
    {
        bytes.CopyTo(span);
        return bytes.Length;
    }
}

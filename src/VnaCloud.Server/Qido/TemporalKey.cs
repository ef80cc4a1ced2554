using System.Globalization;
using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>A date or time to match: one value (both ends the same), or a range with one end perhaps open.</summary>
internal sealed record TemporalKey(DicomVr Vr, string? From, string? To, bool IsRange)
{
    /// <summary>Reads DA or TM single values and ranges (PS3.4 C.2.2.2.1 and C.2.2.2.5); null when it is neither.</summary>
    public static TemporalKey? Parse(DicomVr vr, string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
        {
            return IsValue(vr, text) ? new TemporalKey(vr, text, text, IsRange: false) : null;
        }
        var (from, to) = (text[..dash].Trim(), text[(dash + 1)..].Trim());
        if ((from.Length == 0 && to.Length == 0) || (from.Length > 0 && !IsValue(vr, from)) || (to.Length > 0 && !IsValue(vr, to)))
        {
            return null;
        }
        return new TemporalKey(vr, from.Length == 0 ? null : from, to.Length == 0 ? null : to, IsRange: true);
    }

    /// <summary>The range ends before it starts; for times, which end at midnight, also one that would cross it (PS3.4 C.2.2.2.5.2).</summary>
    public bool IsReversed => From is not null && To is not null && string.CompareOrdinal(From, To + "~") > 0;

    /// <summary>This key by itself. A time without its seconds means the whole minute (PS3.4 C.2.2.2.1), hence a range of one value.</summary>
    public Match ToMatch() => !IsRange && Vr == DicomVr.DA ? new Match.AnyOf([From!]) : new Match.Range(From, To);

    /// <summary>
    /// A date range and a time range of the same form as one range of moments (PS3.4 C.2.2.2.5.4); null when the forms differ. DIMSE
    /// negotiates this. QIDO-RS has nothing to negotiate with; its users mean "from this evening to tomorrow morning", and dcm4chee reads it so too.
    /// </summary>
    public Match.Combined? CombinedWith(TemporalKey time, DicomTag timeAttribute) =>
        IsRange && time.IsRange && From is null == time.From is null && To is null == time.To is null
            ? new Match.Combined(timeAttribute, From is null ? null : From + time.From, To is null ? null : To + time.To)
            : null;

    private static bool IsValue(DicomVr vr, string text) => vr == DicomVr.DA
        ? text.Length == 8 && DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        : IsTime(text);

    // HH, HHMM, HHMMSS or HHMMSS.F to .FFFFFF; second 60 is a leap second (PS3.5 Table 6.2-1).
    private static bool IsTime(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? "0" : text[(point + 1)..];
        return whole.Length is 2 or 4 or 6 && (point < 0 || whole.Length == 6) && fraction.Length is >= 1 and <= 6
            && whole.All(char.IsAsciiDigit) && fraction.All(char.IsAsciiDigit)
            && string.CompareOrdinal(whole[..2], "24") < 0
            && (whole.Length < 4 || string.CompareOrdinal(whole[2..4], "60") < 0)
            && (whole.Length < 6 || string.CompareOrdinal(whole[4..6], "61") < 0);
    }
}

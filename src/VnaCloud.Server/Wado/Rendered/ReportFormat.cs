namespace VnaCloud.Server.Wado.Rendered;

/// <summary>Dates, times and names as people write them (PS3.5 section 6.2). What is not as the standard says comes out as it is.</summary>
internal static class ReportFormat
{
    // Parts of an offset from UTC: sign, hours, minutes.
    private const int OffsetLength = 5;

    /// <summary>YYYYMMDD, or its first parts, with hyphens.</summary>
    public static string Date(string value) => value.Length is 4 or 6 or 8 && IsDigits(value) ? Joined(value, 4, '-') : value;

    /// <summary>HHMMSS.FFFFFF, or its first parts, with colons.</summary>
    public static string Time(string value)
    {
        var whole = value.Split('.')[0];
        return whole.Length is 2 or 4 or 6 && IsDigits(whole) ? Joined(whole, 2, ':') + value[whole.Length..] : value;
    }

    /// <summary>YYYYMMDDHHMMSS.FFFFFF&amp;ZZXX, or its first parts.</summary>
    public static string DateTime(string value)
    {
        var sign = value.AsSpan().IndexOfAny('+', '-');
        var local = sign < 0 ? value : value[..sign];
        var offset = sign < 0 ? "" : value[sign..];
        if ((offset.Length > 0 && (offset.Length != OffsetLength || !IsDigits(offset[1..]))) || !IsDigits(local.Replace(".", "", StringComparison.Ordinal)))
        {
            return value;
        }
        var zone = offset.Length == 0 ? "" : $" {offset[..3]}:{offset[3..]}";
        return (local.Length <= 8 ? Date(local) : $"{Date(local[..8])} {Time(local[8..])}") + zone;
    }

    /// <summary>A date and a time that are two attributes.</summary>
    public static string DateAndTime(string date, string time) => $"{Date(date)} {Time(time)}".Trim();

    /// <summary>Family^Given^Middle^Prefix^Suffix in reading order, with the ideographic and phonetic forms behind it (PS3.5 section 6.2.1).</summary>
    public static string Name(string value)
    {
        var groups = value.Split('=').Take(3).Select((group, index) => index == 0 ? Western(group) : group.Replace('^', ' ').Trim())
            .Where(group => group.Length > 0).ToList();
        return groups.Count switch
        {
            0 => "",
            1 => groups[0],
            _ => $"{groups[0]} ({string.Join(", ", groups.Skip(1))})",
        };
    }

    /// <summary>A defined term as a word: CIRCLE is Circle.</summary>
    public static string Word(string term) => term.Length == 0 ? "" : term[..1] + term[1..].ToLowerInvariant();

    private static string Western(string group)
    {
        var parts = group.Split('^');
        string Part(int index) => index < parts.Length ? parts[index].Trim() : "";
        var name = string.Join(' ', new[] { Part(3), Part(1), Part(2), Part(0) }.Where(part => part.Length > 0));
        return Part(4).Length > 0 ? $"{name}, {Part(4)}" : name;
    }

    // The first part has its own length, those behind it two digits each.
    private static string Joined(string digits, int first, char separator)
    {
        var text = digits[..first];
        for (var at = first; at < digits.Length; at += 2)
        {
            text += $"{separator}{digits.AsSpan(at, 2)}";
        }
        return text;
    }

    private static bool IsDigits(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);
}

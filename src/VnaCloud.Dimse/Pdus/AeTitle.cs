using System.Text;

namespace VnaCloud.Dimse;

/// <summary>
/// Application Entity titles (PS3.5 section 6.2, AE; PS3.8 Table 9-11): 16 bytes, spaces around them not significant, compared byte by
/// byte. Titles that break the rules do occur, so reading takes everything; <see cref="IsValid"/> tells.
/// </summary>
public static class AeTitle
{
    /// <summary>Bytes in a PDU.</summary>
    public const int Length = 16;

    /// <summary>One to sixteen printable ASCII characters without backslash, and not only spaces.</summary>
    public static bool IsValid(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        return title.Length is > 0 and <= Length && !title.All(c => c == ' ') && title.All(c => c is >= ' ' and <= '~' and not '\\');
    }

    /// <summary>The title with everything that is not printable ASCII as \xNN: fit for logs and pages.</summary>
    public static string Printable(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        var text = new StringBuilder(title.Length);
        foreach (var character in title)
        {
            _ = character is >= ' ' and <= '~' and not '\\' ? text.Append(character) : text.Append($"\\x{(int)character:X2}");
        }
        return text.ToString();
    }

    /// <summary>The bytes of the field without spaces and NULs around them; each byte is one character.</summary>
    internal static string Read(ReadOnlySpan<byte> field) => Encoding.Latin1.GetString(field).Trim(' ', '\0');

    internal static void Write(string title, Span<byte> field)
    {
        if (title.Length > Length || title.Any(c => c > 0xFF))
        {
            throw new ArgumentException($"An AE title has {Length} characters at most.", nameof(title));
        }
        field.Fill((byte)' ');
        Encoding.Latin1.GetBytes(title, field);
    }
}

namespace VnaCloud.Dicom;

/// <summary>Unique identifiers (PS3.5 section 9).</summary>
public static class DicomUid
{
    /// <summary>Longest UID.</summary>
    public const int MaxLength = 64;

    /// <summary>Longest string of components that is still taken for a UID where leniency is asked for.</summary>
    public const int ToleratedLength = 80;

    /// <summary>
    /// Digits in components joined by periods, 64 characters at most, no component empty. Leading zeros are let through: the field
    /// has them, and such instances must stay retrievable.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<char> uid) => uid.Length <= MaxLength && IsTolerated(uid);

    /// <summary>
    /// As <see cref="IsValid"/>, but up to <see cref="ToleratedLength"/> characters: some toolkits appended components without
    /// counting, and what they wrote must be storable.
    /// </summary>
    public static bool IsTolerated(ReadOnlySpan<char> uid)
    {
        if (uid.Length is 0 or > ToleratedLength || uid[0] == '.' || uid[^1] == '.')
        {
            return false;
        }
        var previous = '.';
        foreach (var character in uid)
        {
            if (!char.IsAsciiDigit(character) && (character != '.' || previous == '.'))
            {
                return false;
            }
            previous = character;
        }
        return true;
    }
}

namespace VnaCloud.Storage;

/// <summary>What may name an object: the same in a folder and in a bucket, and nothing that leaves either.</summary>
internal static class ObjectKey
{
    /// <summary>Longest key; S3 allows 1,024 bytes, a path on Linux 4,096 with its root.</summary>
    public const int MaxLength = 1024;

    /// <summary>Longest segment; file names on Linux end at 255 bytes.</summary>
    public const int MaxSegment = 200;

    /// <summary>Unfinished uploads begin so; no object may.</summary>
    public const string TemporaryPrefix = ".tmp-";

    /// <summary>Refuses what is not a key. Keys come from this archive's own code, so a bad one is misuse, never a client's fault.</summary>
    public static void Validate(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Length > MaxLength)
        {
            throw new ArgumentException($"An object key has at most {MaxLength} characters.", nameof(key));
        }
        foreach (var segment in key.AsSpan().Split('/'))
        {
            if (!IsSegment(key.AsSpan(segment)))
            {
                throw new ArgumentException("An object key is made of segments of A-Z a-z 0-9 . _ - that are not '.', '..' or empty.", nameof(key));
            }
        }
    }

    /// <summary>Refuses what no key can begin with; the last segment may be cut anywhere, and may be empty.</summary>
    public static void ValidatePrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        // One more character makes a cut segment whole: "", "." and ".." are then the beginnings of longer names.
        Validate(prefix + "x");
    }

    private static bool IsSegment(ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty || segment.Length > MaxSegment || segment is "." or ".." || segment.StartsWith(TemporaryPrefix, StringComparison.Ordinal))
        {
            return false;
        }
        foreach (var character in segment)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-'))
            {
                return false;
            }
        }
        return true;
    }
}

using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>An attribute in a URL: keywords or tags of sequences, dots, and the attribute itself (PS3.18 8.3.4.1).</summary>
internal static class AttributePath
{
    /// <summary>Reads a path of which every attribute is in the dictionary or private; the keyword's case matters, the tag's does not.</summary>
    /// <returns>Null when it is not one.</returns>
    public static DicomTag[]? Parse(string text)
    {
        var tags = new List<DicomTag>();
        foreach (var range in text.AsSpan().Split('.'))
        {
            if (tags.Count == QidoLimits.PathDepth || Resolve(text[range]) is not { } tag)
            {
                return null;
            }
            tags.Add(tag);
        }
        return [.. tags];
    }

    /// <summary>A name from a URL as an answer may repeat it: nothing but what keywords and tags are made of, and not much of it.</summary>
    public static string Printable(string name) =>
        name.Length is > 0 and <= 64 && name.All(static character => char.IsAsciiLetterOrDigit(character) || character == '.') ? name : "(not a keyword or tag)";

    /// <summary>A path as keywords, where there are any.</summary>
    public static string Name(IEnumerable<DicomTag> path) =>
        string.Join('.', path.Select(static tag => DicomDictionary.Find(tag)?.Keyword is { Length: > 0 } keyword ? keyword : tag.ToHex()));

    private static DicomTag? Resolve(string text)
    {
        if (DicomTag.TryParseHex(text, out var tag))
        {
            return tag.IsPrivate || DicomDictionary.Find(tag) is not null ? tag : null;
        }
        return DicomDictionary.FindByKeyword(text)?.Tag;
    }
}

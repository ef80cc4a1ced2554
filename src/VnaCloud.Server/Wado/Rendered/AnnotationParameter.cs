using VnaCloud.Imaging;

namespace VnaCloud.Server.Wado.Rendered;

/// <summary>The <c>annotation</c> parameter (PS3.18 8.3.5.1.1): keywords of which those that are not known are left out, and said so.</summary>
/// <param name="Wanted">What is to be written.</param>
/// <param name="Unknown">Keywords that are not known.</param>
internal sealed record AnnotationParameter(Annotations Wanted, IReadOnlyList<string> Unknown)
{
    private const int MostKeywords = 10, LongestKeyword = 32;

    /// <summary>What is said of one that is none.</summary>
    public const string Wrong = "annotation is patient, technique, or both with a comma.";

    public static readonly AnnotationParameter None = new(Annotations.None, []);

    public string? Remark => Unknown.Count == 0 ? null : $"The following annotation values are not supported: {string.Join(", ", Unknown)}.";

    /// <summary>Reads it; null where it is no list of keywords.</summary>
    public static AnnotationParameter? Read(string text)
    {
        if (text.Length == 0)
        {
            return None;
        }
        var keywords = text.Split(',');
        if (keywords.Length > MostKeywords || !keywords.All(static word => word.Length is > 0 and <= LongestKeyword && word.All(char.IsAsciiLetterOrDigit)))
        {
            return null;
        }
        var wanted = (keywords.Contains("patient") ? Annotations.Patient : 0) | (keywords.Contains("technique") ? Annotations.Technique : 0);
        return new AnnotationParameter(wanted, [.. keywords.Except(["patient", "technique"])]);
    }
}

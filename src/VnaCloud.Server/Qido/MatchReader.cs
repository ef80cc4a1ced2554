using System.Globalization;
using VnaCloud.Archive;
using VnaCloud.Dicom;

namespace VnaCloud.Server.Qido;

/// <summary>Parameters that change how values match.</summary>
/// <param name="Fuzzy">fuzzymatching=true: person names by words (PS3.18 8.3.4.2).</param>
/// <param name="EmptyValues">emptyvaluematching=true: two quotation marks match what is absent or empty (PS3.4 C.2.2.2.7).</param>
/// <param name="MultipleValues">multiplevaluematching=true: a list matches any of its values (PS3.4 C.2.2.2.8).</param>
internal readonly record struct MatchingOptions(bool Fuzzy, bool EmptyValues, bool MultipleValues);

/// <summary>Reads the value of a matching parameter by the attribute's VR (PS3.4 C.2.2.2). Dates and times: <see cref="TemporalKey"/>.</summary>
internal static class MatchReader
{
    private static readonly char[] Wildcards = ['*', '?'];

    private static readonly char[] Separators = [',', '\\'];

    /// <returns>The match; null and no fault for universal matching; else the fault, a sentence's end such as "is too long".</returns>
    public static (Match? Match, string? Fault) Read(IndexedAttribute attribute, string value, MatchingOptions options)
    {
        if (value.Length > (attribute.Vr == DicomVr.UI ? QidoLimits.UidListLength : QidoLimits.ValueLength))
        {
            return (null, "is too long");
        }
        // Stored text has no NUL either (it is replaced when indexed), so that this stays a value that nothing matches.
        var text = value.Replace('\0', '\uFFFD').Trim(' ');
        if (IsUniversal(text))
        {
            return (null, null);
        }
        if (options.EmptyValues && IsEmptyValue(text))
        {
            return (new Match.Empty(), null);
        }
        return attribute.Vr switch
        {
            DicomVr.UI => ReadUids(text),
            DicomVr.IS or DicomVr.US => ReadNumber(text),
            DicomVr.PN => ReadName(text, options.Fuzzy),
            // No CS value has a comma or backslash in it (PS3.5 6.2), so that lists need no leave.
            DicomVr.CS => ReadText(text, mayBeList: true),
            _ => ReadText(text, options.MultipleValues),
        };
    }

    private static (Match?, string?) ReadUids(string text)
    {
        var uids = SplitList(text);
        if (uids.Length > QidoLimits.ListValues)
        {
            return (null, $"lists more than {QidoLimits.ListValues} values");
        }
        return uids.All(QidoUid.IsWellFormed) ? (new Match.AnyOf(uids), null) : (null, "is not a UID or a list of UIDs");
    }

    // Kept as text in the index: with and without leading zeros and a sign it is the same number.
    private static (Match?, string?) ReadNumber(string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return (null, "is not an integer");
        }
        var canonical = number.ToString(CultureInfo.InvariantCulture);
        return (new Match.AnyOf(canonical == text ? [text] : [text, canonical]), null);
    }

    private static (Match?, string?) ReadName(string text, bool fuzzy) =>
        CheckWildcards(text) is { } fault ? (null, fault)
        : (new Match.Name(text, fuzzy), null);

    private static (Match?, string?) ReadText(string text, bool mayBeList)
    {
        if (CheckWildcards(text) is { } fault)
        {
            return (null, fault);
        }
        var values = mayBeList ? SplitList(text) : [text];
        if (values.Length > QidoLimits.ListValues)
        {
            return (null, $"lists more than {QidoLimits.ListValues} values");
        }
        if (text.IndexOfAny(Wildcards) < 0)
        {
            return values.Length == 0 ? (null, null) : (new Match.AnyOf(values), null);
        }
        return values.Length > 1 ? (null, "has wildcards in a list")
            : (new Match.Wildcard(values[0]), null);
    }

    private static string[] SplitList(string text) => text.Split(Separators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>No value (PS3.4 C.2.2.2.3), or "*", which matches what is empty, too (C.2.2.2.4); for any VR.</summary>
    public static bool IsUniversal(string text) => text.Length <= QidoLimits.Wildcards && text.All(static character => character == '*');

    /// <summary>Two quotation marks.</summary>
    public static bool IsEmptyValue(string text) => text == "\"\"";

    private static string? CheckWildcards(string text) =>
        text.Count(static character => character is '*' or '?') > QidoLimits.Wildcards ? $"has more than {QidoLimits.Wildcards} wildcards" : null;
}

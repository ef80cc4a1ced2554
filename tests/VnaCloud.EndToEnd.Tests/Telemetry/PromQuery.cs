using System.Text.RegularExpressions;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>What a PromQL expression names: metrics, and the labels of each that it selects or groups by.</summary>
internal static partial class PromQuery
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool"];

    /// <summary>Metrics with the labels of their selectors; labels of groupings count for all metrics of the expression.</summary>
    public static IReadOnlyList<(string Metric, IReadOnlyList<string> Labels)> Read(string expression)
    {
        var text = Ranges().Replace(Strings().Replace(expression, "\"\""), "");
        var grouped = Groupings().Matches(text).SelectMany(match => Names().Matches(match.Groups[1].Value)).Select(match => match.Value).ToList();
        text = Offsets().Replace(Groupings().Replace(text, " "), " ");
        var found = new List<(string, IReadOnlyList<string>)>();
        foreach (Match match in Selectors().Matches(text))
        {
            if (!Words.Contains(match.Groups["name"].Value))
            {
                var labels = Matchers().Matches(match.Groups["labels"].Value).Select(label => label.Groups[1].Value);
                found.Add((match.Groups["name"].Value, [.. labels.Concat(grouped).Distinct()]));
            }
        }
        return found;
    }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"\boffset\s+\w+")]
    private static partial Regex Offsets();

    [GeneratedRegex("[a-zA-Z_][a-zA-Z0-9_]*")]
    private static partial Regex Names();

    // A name that no parenthesis follows is no function.
    [GeneratedRegex(@"(?<![\w.])(?<name>[a-zA-Z_]\w*)(?![\w(]|\s*\()(?:\{(?<labels>[^}]*)\})?")]
    private static partial Regex Selectors();

    [GeneratedRegex(@"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Matchers();
}

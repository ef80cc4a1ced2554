using System.Text.RegularExpressions;

namespace VnaCloud.EndToEnd.Tests.Telemetry;

/// <summary>Names as the collector's Prometheus exporter makes them of OTLP's (its translation with metric suffixes, which is the default).</summary>
internal static partial class PrometheusNames
{
    private static readonly Dictionary<string, string> Units = new() { ["s"] = "seconds", ["ms"] = "milliseconds", ["By"] = "bytes", ["1"] = "ratio", ["%"] = "percent" };

    /// <summary>The series of a metric.</summary>
    /// <param name="name">Of OTLP.</param>
    /// <param name="unit">UCUM; annotations in braces count as none.</param>
    /// <param name="kind">counter, updown, gauge or histogram.</param>
    public static IReadOnlyList<string> Of(string name, string unit, string kind)
    {
        var tokens = NotAllowed().Split(name).Where(token => token.Length > 0).ToList();
        if (Units.TryGetValue(unit, out var suffix) && !tokens.Contains(suffix) && (unit != "1" || kind == "gauge"))
        {
            tokens.Add(suffix);
        }
        if (kind == "counter")
        {
            tokens.Remove("total");
            tokens.Add("total");
        }
        var whole = string.Join('_', tokens);
        return kind == "histogram" ? [whole + "_bucket", whole + "_sum", whole + "_count"] : [whole];
    }

    /// <summary>The label of an attribute.</summary>
    public static string Label(string attribute) => NotAllowed().Replace(attribute, "_");

    [GeneratedRegex("[^a-zA-Z0-9]+")]
    private static partial Regex NotAllowed();
}

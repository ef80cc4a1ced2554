using System.Globalization;
using System.Text.Json;

namespace VnaCloud.EndToEnd.Tests.Plans;

/// <summary>One executed statement as auto_explain told it (format JSON, with ANALYZE and BUFFERS).</summary>
/// <param name="Statement">Its text.</param>
/// <param name="Milliseconds">How long it ran.</param>
/// <param name="Buffers">Pages that it looked at, found in memory or not, each as often as it did.</param>
/// <param name="Scans">Every scan of a table: "Seq Scan study", "Index Only Scan study_order", in the plan's order.</param>
/// <param name="Top">The uppermost nodes.</param>
internal sealed record PlanReading(string Statement, double Milliseconds, long Buffers, IReadOnlyList<string> Scans, string Top)
{
    private const int TopNodes = 4;
    private const string Seconds = "duration: ", Plan = " ms  plan:\n";

    /// <summary>Null where the notice is none of auto_explain.</summary>
    public static PlanReading? Read(string notice)
    {
        var at = notice.IndexOf(Plan, StringComparison.Ordinal);
        if (at < 0 || !notice.StartsWith(Seconds, StringComparison.Ordinal))
        {
            return null;
        }
        using var json = JsonDocument.Parse(notice[(at + Plan.Length)..]);
        var root = json.RootElement.GetProperty("Plan");
        var nodes = new List<(string Name, string Table)>();
        Collect(root, nodes);
        return new PlanReading(json.RootElement.GetProperty("Query Text").GetString()!,
            double.Parse(notice[Seconds.Length..at], CultureInfo.InvariantCulture),
            Number(root, "Shared Hit Blocks") + Number(root, "Shared Read Blocks"),
            [.. nodes.Where(static node => node.Table.Length > 0).Select(static node => $"{node.Name} {node.Table}")],
            string.Join(" > ", nodes.Take(TopNodes).Select(static node => node.Table.Length > 0 ? $"{node.Name} {node.Table}" : node.Name)));
    }

    private static long Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    private static string? Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static void Collect(JsonElement node, List<(string Name, string Table)> nodes)
    {
        nodes.Add((Text(node, "Node Type")!, Text(node, "Index Name") ?? Text(node, "Relation Name") ?? ""));
        if (node.TryGetProperty("Plans", out var children))
        {
            foreach (var child in children.EnumerateArray())
            {
                Collect(child, nodes);
            }
        }
    }
}

namespace VnaCloud.TestKit;

/// <summary>The tables of docs/telemetry.md: what is published there, and nothing else.</summary>
public static class TelemetryTables
{
    private static readonly string[] Kinds = ["counter", "updown", "gauge", "histogram"];

    /// <summary>Metrics of the project's own meters.</summary>
    public static IReadOnlyList<DocumentedMetric> Metrics() =>
    [
        .. from cells in Rows()
           where cells.Length == 6 && Kinds.Contains(cells[1])
           select new DocumentedMetric(cells[0], cells[1], cells[2] == "-" ? "" : cells[2], cells[3] == "-" ? [] : [.. cells[3].Split(", ")], cells[4], cells[5]),
    ];

    /// <summary>Names of the project's own spans, with the service that makes them.</summary>
    public static IReadOnlyList<(string Name, string Service)> Spans() =>
        [.. from cells in Rows() where cells.Length == 4 && cells[1] is "server" or "gateway" or "both" select (cells[0], cells[1])];

    private static IEnumerable<string[]> Rows() =>
        from line in File.ReadLines(Path.Combine(Corpus.Repository, "docs/telemetry.md"))
        where line.StartsWith("| `", StringComparison.Ordinal)
        select line.Trim('|', ' ').Split('|').Select(static cell => cell.Trim().Replace("`", "", StringComparison.Ordinal)).ToArray();
}

/// <summary>A row.</summary>
/// <param name="Name">As its meter names it.</param>
/// <param name="Kind">counter, updown, gauge or histogram.</param>
/// <param name="Unit">UCUM; empty for none.</param>
/// <param name="Labels">Attributes of its points.</param>
/// <param name="Service">server, gateway or both.</param>
/// <param name="Description">As its meter says.</param>
public sealed record DocumentedMetric(string Name, string Kind, string Unit, IReadOnlyList<string> Labels, string Service, string Description);

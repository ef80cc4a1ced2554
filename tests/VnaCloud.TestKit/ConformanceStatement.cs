using Xunit;

namespace VnaCloud.TestKit;

/// <summary>
/// The tables of docs/conformance.md that the code decides. Each stands between a comment that begins with its name and "end of" that name.
/// Those "written by" a test are compared whole (VNA_WRITE_DOCS=1 writes them); of those "checked by" one the test reads what it compares.
/// </summary>
public static class ConformanceStatement
{
    private static readonly string Page = Path.Combine(Corpus.Repository, "docs", "conformance.md");

    /// <summary>The cells of the rows below a table's head.</summary>
    /// <param name="name">The table's name.</param>
    public static IReadOnlyList<string[]> Rows(string name)
    {
        var (text, begin, end) = Find(name);
        return [.. text[begin..end].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(2).Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))];
    }

    /// <summary>Compares a table with what it has to be, or writes it.</summary>
    /// <param name="name">The table's name.</param>
    /// <param name="head">Names of the columns.</param>
    /// <param name="rows">Cells; those of one row have the head's number.</param>
    public static void Check(string name, string[] head, IEnumerable<string[]> rows)
    {
        ArgumentNullException.ThrowIfNull(head);
        var (text, begin, end) = Find(name);
        var table = string.Concat(rows.Prepend([.. head.Select(static _ => "---")]).Prepend(head).Select(static row => row[0] == "---" ? $"|{string.Join('|', row)}|\n" : $"| {string.Join(" | ", row)} |\n"));
        if (Environment.GetEnvironmentVariable("VNA_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Page, text[..begin] + table + text[end..]);
            return;
        }
        Assert.Equal(table, text[begin..end]);
    }

    private static (string Text, int Begin, int End) Find(string name)
    {
        var text = File.ReadAllText(Page);
        var begin = text.IndexOf($"<!-- {name}: ", StringComparison.Ordinal);
        var end = text.IndexOf($"<!-- end of {name} -->", StringComparison.Ordinal);
        Assert.True(begin >= 0 && end > begin, $"docs/conformance.md has no place for {name}.");
        return (text, text.IndexOf('\n', begin) + 1, end);
    }
}

using System.Text;
using System.Text.Json;
using VnaCloud.Index;

namespace VnaCloud.Archive.Tests.Maintenance;

/// <summary>All that searches and locators say, in a canonical form that does not depend on when the index was made.</summary>
internal static class IndexDump
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static async Task<string> OfAsync(IRebuildableIndex index)
    {
        var text = new StringBuilder();
        foreach (var level in Enum.GetValues<QueryLevel>())
        {
            var page = await index.SearchAsync(new SearchRequest { Tenant = TenantId.Default, Level = level, Limit = 1000 }, default);
            text.AppendLine(FormattableString.Invariant($"{level}: {page.Total}"));
            foreach (var row in page.Rows)
            {
                text.AppendLine(JsonSerializer.Serialize(row, Indented));
            }
        }
        await foreach (var instance in index.InstancesAsync(default))
        {
            text.AppendLine(JsonSerializer.Serialize(instance, Indented));
        }
        return text.ToString();
    }
}

using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VnaCloud.Server.Tests.Wire;
using VnaCloud.TestKit;
using TestCorpus = VnaCloud.TestKit.Corpus;

namespace VnaCloud.Server.Tests.Corpus;

/// <summary>Every malformed file gets the answer that docs/conformance.md prints, which is one that its manifest row allows.</summary>
public sealed partial class MalformedFilesTests
{
    [Fact]
    [Trait("dicomweb", "41")]
    [Trait("dicomweb", "42")]
    [Trait("dicomweb", "59")]
    public async Task MalformedFiles_GetTheAnswerOfTheTable()
    {
        Assert.SkipUnless(TestCorpus.Exists, TestCorpus.Missing);
        var table = Table();
        Assert.Equal(TestCorpus.Malformed.Select(file => file.Name).Order(StringComparer.Ordinal), table.Keys.Order(StringComparer.Ordinal));
        var faults = new List<string>();
        WireServer? server = null;
        foreach (var file in Stack.IsBalanced ? TestCorpus.Sample(TestCorpus.Malformed, 3) : TestCorpus.Malformed)
        {
            // They share UIDs: once one was taken, the next needs an archive that is empty.
            server ??= await WireServer.StartAsync();
            using var response = await server.StowAsync(file.ReadBytes());
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
            var given = Outcome(response.StatusCode, answer);
            if (given != table[file.Name])
            {
                faults.Add($"{file}: {given}, the table says {table[file.Name]}: {answer.ToJsonString()}");
            }
            if (!Allowed(file, given))
            {
                faults.Add($"{file}: {given}, the manifest allows {file["stow_failure_or_warning"]}");
            }
            var afterwards = await AfterwardsAsync(server, given, answer);
            faults.AddRange(afterwards.Select(fault => $"{file}: {fault}"));
            if (afterwards.Count > 0 || !given.StartsWith("409", StringComparison.Ordinal))
            {
                await server.DisposeAsync();
                server = null;
            }
        }
        if (server is not null)
        {
            await server.DisposeAsync();
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    // Alive, and either all there or nothing.
    private static async Task<List<string>> AfterwardsAsync(WireServer server, string given, JsonObject answer)
    {
        var faults = new List<string>();
        var found = await server.SearchAsync("instances");
        if (given.StartsWith("409", StringComparison.Ordinal))
        {
            if (found.Count != 0 || (await server.ObjectsAsync("*.tar")).Length != 0)
            {
                faults.Add("refused, and yet something is there");
            }
            return faults;
        }
        var url = answer.Items(StowJson.Referenced)[0].Text(StowJson.RetrieveUrl)!;
        if (found.Count != 1 || (await server.MetadataAsync(url)).Count != 1)
        {
            faults.Add("stored, and not to be found");
        }
        foreach (var path in new[] { "", "/frames/1", "/frames/2", "/frames/999", "/rendered", "/bulkdata/7FE00010", "/pixeldata" })
        {
            using var response = await server.GetAsync(url + path);
            if ((int)response.StatusCode >= 500)
            {
                faults.Add($"{path}: {(int)response.StatusCode}");
            }
        }
        return faults;
    }

    private static string Outcome(HttpStatusCode status, JsonObject answer)
    {
        var failure = answer.Items(StowJson.Failed).Concat(answer.Items(StowJson.Other)).FirstOrDefault();
        var code = failure is not null ? failure.Reason() : answer.Items(StowJson.Referenced)[0]!["00081196"] is null ? 0 : answer.Items(StowJson.Referenced)[0].Warning();
        return code == 0 ? $"{(int)status}" : string.Create(CultureInfo.InvariantCulture, $"{(int)status} {code:X4}");
    }

    private static bool Allowed(CorpusFile file, string given)
    {
        var column = file["stow_failure_or_warning"];
        var code = given.Length > 3 ? given[4..] : "";
        return code.Length == 0
            ? column.Contains("none", StringComparison.Ordinal) || column.Contains(" if ", StringComparison.Ordinal)
                || file["expected"].Contains("store opaque", StringComparison.Ordinal)
            : Code().Matches(column).Any(match => match.Value == code) || (code[0] == 'B' && column.Contains("/warning", StringComparison.Ordinal));
    }

    // The rows of the section "Malformed input": | file | answer | why |.
    private static Dictionary<string, string> Table()
    {
        var lines = File.ReadAllLines(Path.Combine(TestCorpus.Repository, "docs", "conformance.md"), Encoding.UTF8);
        return lines.SkipWhile(line => line != "## Malformed input").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => $"{cells[1].Trim('`')}.dcm", cells => cells[2], StringComparer.Ordinal);
    }

    [GeneratedRegex(@"\b[0-9A-F]{4}\b")]
    private static partial Regex Code();
}

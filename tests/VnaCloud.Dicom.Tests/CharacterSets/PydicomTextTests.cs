using System.Text.Json;
using VnaCloud.Dicom.Tests.Oracles;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.CharacterSets;

/// <summary>Every text element of the corpus must read as pydicom reads it.</summary>
public class PydicomTextTests
{
    private const int ElementsOfTheCorpus = 10_000;

    [Fact]
    public async Task DecodeValues_TextOfTheCorpus_IsWhatPydicomReads()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var python = await Tool.PythonWithAsync("pydicom");
        Assert.SkipWhen(python is null, "no python3 with pydicom: set VNA_PYTHON");

        var script = Path.Combine(AppContext.BaseDirectory, "CharacterSets", "dump_text.py");
        var result = await Tool.RunAsync(python!, [script, Path.Combine(Corpus.Root, "valid")]);
        var rows = System.Text.Encoding.UTF8.GetString(result!.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!).ToList();
        Assert.True(rows.Count > ElementsOfTheCorpus, $"only {rows.Count} elements were dumped");
        Assert.True(rows.Select(row => string.Join('\\', row.Terms)).Distinct().Count() > 12);

        Assert.Empty(rows.Where(row => !Padless(row.Values).SequenceEqual(Padless(Decode(row))))
            .Select(row => $"{row.File} {row.Tag} {string.Join('|', row.Values)} <> {string.Join('|', Decode(row))}"));
    }

    // pydicom keeps leading spaces, has one empty value where we have none, and drops the empty groups at the end of a name.
    private static List<string> Padless(IEnumerable<string> values)
    {
        var trimmed = values.Select(value => value.Trim(' ', '\0').TrimEnd('=')).ToList();
        return trimmed is [""] ? [] : trimmed;
    }

    private static IReadOnlyList<string> Decode(Row row) =>
        SpecificCharacterSet.Parse(row.Terms).DecodeValues(Convert.FromHexString(row.Bytes), Enum.Parse<DicomVr>(row.Vr));

    private sealed record Row(string File, string Tag, string Vr, string[] Terms, string Bytes, string[] Values);
}

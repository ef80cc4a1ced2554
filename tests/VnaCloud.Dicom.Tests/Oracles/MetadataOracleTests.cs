using System.Text.Json;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Oracles;

public class MetadataOracleTests(ITestOutputHelper output)
{
    private const int MostRules = 15;
    private const int AttributesOfTheCorpus = 200_000;
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    [Fact]
    public async Task Json_OfTheCorpus_IsWhatDcm2jsonAndPydicomSay()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var files = Corpus.Sample(Corpus.Storable, 8);
        var dcmtk = await OracleJson.OfDcmtkAsync(files);
        Assert.SkipWhen(dcmtk is null, "no dcm2json on the path: install DCMTK");
        var pydicom = await OracleJson.OfPydicomAsync(files);
        Assert.SkipWhen(pydicom is null, "no python3 with pydicom: set VNA_PYTHON");

        var differences = new List<Difference>();
        var compared = 0;
        foreach (var file in files)
        {
            var read = await ReadFile.OpenAsync(file);
            using var ours = JsonDocument.Parse(read.Json(), Deep);
            compared += Compare(file, read, ours.RootElement, "dcm2json", dcmtk![file.Name], differences);
            compared += Compare(file, read, ours.RootElement, "pydicom", pydicom![file.Name], differences);
        }
        var used = DifferenceRules.All.ToDictionary(rule => rule.Id, rule => differences.Count(rule.Explains));
        output.WriteLine($"{files.Count} files, {compared} attributes compared; {string.Join(", ", used.Select(rule => $"{rule.Key} {rule.Value}"))}");
        var unlisted = differences.FindAll(difference => !DifferenceRules.All.Any(rule => rule.Explains(difference)));
        Assert.True(unlisted.Count == 0, string.Join("\n", unlisted.Take(20)));
        if (Corpus.IsFast)
        {
            output.WriteLine("VNA_FAST: a sample of the corpus only");
            return;
        }
        Assert.True(compared > AttributesOfTheCorpus, $"only {compared} attributes were compared");
        Assert.Empty(used.Where(rule => rule.Value == 0).Select(rule => $"unused rule {rule.Key}"));
    }

    [Fact]
    public void Rules_Table_IsShortAndEachIsJustified()
    {
        var page = File.ReadAllText(Path.Combine(Corpus.Repository, "docs", "conformance.md"));
        Assert.InRange(DifferenceRules.All.Count, 1, MostRules);
        Assert.Equal(DifferenceRules.All.Count, DifferenceRules.All.Select(rule => rule.Id).Distinct().Count());
        Assert.Empty(DifferenceRules.All.Where(rule => !page.Contains($"| {rule.Id} | {rule.Oracle} |", StringComparison.Ordinal)).Select(rule => rule.Id));
    }

    private static int Compare(CorpusFile file, ReadFile read, JsonElement ours, string oracle, string answer, List<Difference> differences)
    {
        if (answer.Length == 0)
        {
            var terms = read.DataSet.String(DicomTags.SpecificCharacterSet);
            differences.Add(new Difference(file.Name, oracle, "", DicomTags.SpecificCharacterSet, DifferenceKind.NoAnswer, "", "", terms, ""));
            return 0;
        }
        using var theirs = JsonDocument.Parse(answer, Deep);
        var comparer = new JsonComparer(read, file.Name, oracle);
        differences.AddRange(comparer.Compare(ours, theirs.RootElement));
        return comparer.Compared;
    }
}

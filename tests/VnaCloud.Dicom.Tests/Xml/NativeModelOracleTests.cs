using VnaCloud.Dicom.Tests.Oracles;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Xml;

/// <summary>What dcm2xml says of the corpus in the Native DICOM Model is what we read from the files; and what we write is what we read.</summary>
public class NativeModelOracleTests(ITestOutputHelper output)
{
    private const int AttributesOfTheCorpus = 40_000;

    [Fact]
    public async Task Xml_OfDcm2xml_IsWhatWeReadFromTheFile()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        Assert.SkipWhen(await Tool.RunAsync("dcm2xml", ["--version"]) is not { ExitCode: 0 }, "no dcm2xml on the path: install DCMTK");
        var wrong = new List<string>();
        var comparison = new NativeModelComparison();
        var (files, refused) = (0, 0);
        foreach (var file in Corpus.Sample(Corpus.Storable, 8))
        {
            var answer = await Tool.RunAsync("dcm2xml", ["-nat", "+Eb", "+Xn", file.Path]);
            var read = await ReadFile.OpenAsync(file);
            if (answer!.ExitCode != 0 || NativeModelComparison.IsUnreadable(read.DataSet, answer.Output))
            {
                refused++;
                continue;
            }
            files++;
            try
            {
                var theirs = DicomXmlReader.Read(new MemoryStream(answer.Output), reference => new DicomElement(reference.Tag, reference.Vr, default(ReadOnlyMemory<byte>)));
                wrong.AddRange(comparison.Differences(read.DataSet, theirs).Take(3).Select(difference => $"{file.Name}: {difference}"));
            }
            catch (DicomFormatException fault)
            {
                wrong.Add($"{file.Name}: {fault.Message}");
            }
        }
        output.WriteLine($"{files} files, {comparison.Compared} attributes compared, {refused} not for dcm2xml; {string.Join(", ", comparison.Used.Select(rule => $"{rule.Key} {rule.Value}"))}");
        Assert.True(wrong.Count == 0, $"{wrong.Count}\n{string.Join('\n', wrong.Take(40))}");
        Assert.True(Corpus.IsFast || comparison.Compared > AttributesOfTheCorpus, $"only {comparison.Compared} attributes were compared");
    }

    [Fact]
    public async Task Xml_OfOurs_IsReadAsTheSame()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var wrong = new List<string>();
        var comparison = new NativeModelComparison();
        foreach (var file in Corpus.Sample(Corpus.Ok, 8))
        {
            var read = await ReadFile.OpenAsync(file);
            using var xml = new MemoryStream();
            DicomXmlWriter.Write(xml, read.DataSet, new DicomXmlOptions { InlineLimit = int.MaxValue });
            xml.Position = 0;
            var again = DicomXmlReader.Read(xml, reference => new DicomElement(reference.Tag, reference.Vr, default(ReadOnlyMemory<byte>)));
            wrong.AddRange(comparison.Differences(read.DataSet, again).Take(3).Select(difference => $"{file.Name}: {difference}"));
        }
        output.WriteLine($"{comparison.Compared} attributes; {string.Join(", ", comparison.Used.Select(rule => $"{rule.Key} {rule.Value}"))}");
        Assert.True(wrong.Count == 0, $"{wrong.Count}\n{string.Join('\n', wrong.Take(40))}");
    }
}

using System.Text;
using VnaCloud.TestKit;

namespace VnaCloud.Dicom.Tests.Oracles;

/// <summary>Big endian files written as explicit VR little endian, held against dcmconv's conversion and pydicom's reading.</summary>
public sealed class ConversionOracleTests : IDisposable
{
    private const string BigEndian = "1.2.840.10008.1.2.2";
    private static readonly DicomReadOptions KeepAll = new() { KeepPixelData = long.MaxValue };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vna-conversion");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ToArray_BigEndianFiles_BecomeWhatDcmconvMakesOfThem()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        Assert.SkipWhen(await Tool.RunAsync("dcmconv", ["--version"]) is null, "no dcmconv on the path: install DCMTK");
        foreach (var file in Files())
        {
            var ours = await DicomReader.ReadAsync(new MemorySource(await ConvertAsync(file)), KeepAll);
            var target = Path.Combine(_folder.FullName, "dcmconv.dcm");
            var result = await Tool.RunAsync("dcmconv", ["+te", "-g", file.Path, target]);
            Assert.True(result!.ExitCode == 0, $"{file.Name}: {result.Errors}");
            var theirs = await DicomReader.ReadAsync(new MemorySource(await File.ReadAllBytesAsync(target)), KeepAll);
            if (ours.DataSet[DicomTags.PixelData]?.Vr == DicomVr.OW && ours.DataSet.Integer(DicomTags.BitsAllocated) == 32)
            {
                // docs/conformance.md, words-of-32-bits.
                ours.DataSet.Remove(DicomTags.PixelData);
                theirs.DataSet.Remove(DicomTags.PixelData);
            }
            Assert.Equal((file.Name, null), (file.Name, DataSetComparison.FirstDifference(theirs.DataSet, ours.DataSet)));
        }
    }

    [Fact]
    public async Task ToArray_BigEndianFiles_ReadTheSameInPydicom()
    {
        Assert.SkipUnless(Corpus.Exists, Corpus.Missing);
        var python = await Tool.PythonWithAsync("pydicom, numpy");
        Assert.SkipWhen(python is null, "no python3 with pydicom and numpy: set VNA_PYTHON");
        var pairs = new StringBuilder();
        foreach (var file in Files())
        {
            var target = Path.Combine(_folder.FullName, file.Name);
            await File.WriteAllBytesAsync(target, await ConvertAsync(file));
            pairs.Append(file.Path).Append('\t').Append(target).Append('\n');
        }
        var result = await Tool.RunAsync(python!, [Path.Combine(AppContext.BaseDirectory, "Oracles", "pydicom_compare.py")], pairs.ToString());
        Assert.Equal("", result!.Errors);
        var answers = System.Text.Encoding.UTF8.GetString(result.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Files().Select(file => $"{file.Name}: same"), Files().Zip(answers, (file, answer) => $"{file.Name}: {answer}"));
    }

    private static List<CorpusFile> Files() => [.. Corpus.Ok.Where(file => file.TransferSyntaxUid == BigEndian)];

    private static async Task<byte[]> ConvertAsync(CorpusFile file)
    {
        var original = await DicomReader.ReadAsync(new MemorySource(file.ReadBytes()), KeepAll);
        Assert.True(original.TransferSyntax.IsBigEndian);
        return DicomWriter.ToArray(original.FileMeta, original.DataSet, TransferSyntax.ExplicitVrLittleEndian);
    }
}
